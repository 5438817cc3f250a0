import { type Connection, Producer, Writer } from '@platformatic/kafka'
import { backoffMs, type Closable, pause } from '#pipelines/kernel/lifecycle.ts'

const PRODUCE = 0
const VERSION = 9
/** Kafka's codes while a topic is still being made: unknown, no leader, not this leader. */
const NOT_YET: ReadonlySet<number> = new Set([3, 5, 6])
const TRIES = 40

/** Sends record batches as they are, to one broker that leads all partitions. */
export interface RawProducer extends Closable {
  /** Resolves when the broker has them. */
  send(topic: string, batches: ReadonlyMap<number, Buffer>): Promise<void>
}

export async function rawProducer(broker: string): Promise<RawProducer> {
  const producer = new Producer({ clientId: 'bench', bootstrapBrokers: [broker] })
  const [host = '', port = ''] = broker.split(':')
  const connection: Connection = await producer.connections.get({ host, port: Number(port) })
  async function produce(topic: string, batches: ReadonlyMap<number, Buffer>): Promise<ReadonlyMap<number, number>> {
    const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
    connection.send<Buffer>(
      PRODUCE,
      VERSION,
      () =>
        Writer.create()
          .appendString(null)
          .appendInt16(1)
          .appendInt32(30_000)
          .appendArray([topic], (writer, name) => {
            writer.appendString(name).appendArray([...batches], (inner, [partition, bytes]) => {
              inner.appendInt32(partition).appendBytes(bytes)
            })
          })
          .appendTaggedFields(),
      (_id, _key, _version, reader) => reader.buffer.slice(reader.position),
      true,
      true,
      (error, answer) => (error ? reject(error) : resolve(answer as Buffer)),
    )
    return errorsOf(await promise, topic)
  }

  return {
    async send(topic, batches) {
      let left = batches
      for (let attempt = 1; ; attempt++) {
        const errors = await produce(topic, left)
        for (const [partition, code] of errors)
          if (!NOT_YET.has(code)) throw new TypeError(`produce to ${topic}/${partition} failed with code ${code}`)
        if (errors.size === 0) return
        if (attempt === TRIES) throw new TypeError(`${topic} is not led by ${broker} after ${TRIES} attempts`)
        left = new Map([...left].filter(([partition]) => errors.has(partition)))
        await pause(backoffMs(attempt, { baseMs: 20, capMs: 500 }))
      }
    },
    close: () => producer.close(),
  }
}

/** Each partition that did not take its batch, with Kafka's error code: one topic's answer of ProduceResponse v9. */
function errorsOf(answer: Buffer, topic: string): Map<number, number> {
  const errors = new Map<number, number>()
  // responses (count, name), then their partitions (count); counts are small, so each is one byte
  let at = 1 + 1 + Buffer.byteLength(topic)
  for (let left = answer.readUInt8(at++) - 1; left > 0; left--) {
    const code = answer.readInt16BE(at + 4)
    if (code !== 0) errors.set(answer.readInt32BE(at), code)
    // index, code, base offset, append time, log start; then faulty records and a message, which only a refused batch has; tags
    if (code !== 0 && answer.readUInt16BE(at + 30) !== 0x0100)
      throw new TypeError(`produce to ${topic} was refused with code ${code}`)
    at += 4 + 2 + 8 + 8 + 8 + 1 + 1 + 1
  }
  return errors
}
