import { type Connection, Producer, Writer } from '@platformatic/kafka'
import type { Closable } from '#pipelines/kernel/lifecycle.ts'

const PRODUCE = 0
const VERSION = 9

/** Sends record batches as they are, to one broker that leads all partitions. */
export interface RawProducer extends Closable {
  /** Resolves when the broker has them. */
  send(topic: string, batches: ReadonlyMap<number, Buffer>): Promise<void>
}

export async function rawProducer(broker: string): Promise<RawProducer> {
  const producer = new Producer({ clientId: 'bench', bootstrapBrokers: [broker] })
  const [host = '', port = ''] = broker.split(':')
  const connection: Connection = await producer.connections.get({ host, port: Number(port) })
  return {
    async send(topic, batches) {
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
      const answer = await promise
      // responses: one topic (count, name), its partitions (count), the first one's index and error
      const at = 1 + 1 + Buffer.byteLength(topic) + 1 + 4
      const code = answer.readInt16BE(at)
      if (code !== 0) throw new TypeError(`produce to ${topic} failed with code ${code}`)
    },
    close: () => producer.close(),
  }
}
