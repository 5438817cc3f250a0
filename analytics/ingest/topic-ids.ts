import { connect } from 'node:net'
import { SECOND } from '#pipelines/kernel/clock.ts'
import { Unavailable } from '#pipelines/kernel/errors.ts'

/** Which topic it really is: a topic made anew under its old name has another id. */
export interface TopicIdentity {
  readonly clusterId: string
  /** UUID by topic name. A topic that does not exist is missing. */
  readonly ids: ReadonlyMap<string, string>
}

const METADATA = 3
const VERSION = 12
const LIMIT_MS = 5 * SECOND

/**
 * Asks a broker for the ids of topics (Kafka protocol, Metadata v12, KIP-516), which kafkajs does not tell.
 * @throws Unavailable `KAFKA_AWAY`
 */
export async function topicIdentity(brokers: readonly string[], topics: readonly string[]): Promise<TopicIdentity> {
  let failure: unknown
  for (const broker of brokers) {
    try {
      return readAnswer(await exchange(broker, request(topics)))
    } catch (error) {
      failure = error
    }
  }
  throw new Unavailable('KAFKA_AWAY', `no broker of ${brokers.join(', ')} tells the ids of topics`, { cause: failure })
}

function request(topics: readonly string[]): Buffer {
  const parts: Buffer[] = []
  const bytes = (...values: number[]) => parts.push(Buffer.from(values))
  const int16 = (value: number) => bytes((value >> 8) & 255, value & 255)
  const clientId = Buffer.from('analytics')
  int16(METADATA)
  int16(VERSION)
  bytes(0, 0, 0, 1) // correlation id
  int16(clientId.length)
  parts.push(clientId)
  bytes(0) // no tagged fields
  parts.push(varint(topics.length + 1))
  for (const topic of topics) {
    const name = Buffer.from(topic)
    parts.push(Buffer.alloc(16), varint(name.length + 1), name)
    bytes(0)
  }
  bytes(0, 0, 0) // never create topics, no authorised operations, no tagged fields
  const body = Buffer.concat(parts)
  const size = Buffer.alloc(4)
  size.writeInt32BE(body.length)
  return Buffer.concat([size, body])
}

function varint(value: number): Buffer {
  const out: number[] = []
  let rest = value
  for (; rest > 127; rest >>>= 7) out.push((rest & 127) | 128)
  return Buffer.from([...out, rest])
}

/** Sends one request and reads one answer, without its length. */
function exchange(broker: string, message: Buffer): Promise<Buffer> {
  const cut = broker.lastIndexOf(':')
  return new Promise((resolve, reject) => {
    const socket = connect(Number(broker.slice(cut + 1)), broker.slice(0, cut), () => socket.write(message))
    let got = Buffer.alloc(0)
    socket.setTimeout(LIMIT_MS, () => socket.destroy(new Unavailable('KAFKA_AWAY', `${broker} does not answer`)))
    socket.on('error', reject)
    socket.on('close', () => reject(new Unavailable('KAFKA_AWAY', `${broker} closed the connection`)))
    socket.on('data', (chunk: Buffer) => {
      got = Buffer.concat([got, chunk])
      if (got.length < 4 || got.length < 4 + got.readInt32BE(0)) return
      resolve(got.subarray(4))
      socket.destroy()
    })
  })
}

function readAnswer(bytes: Buffer): TopicIdentity {
  let at = 4 // correlation id
  const skip = (count: number) => {
    at += count
  }
  function count(): number {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const byte = bytes.readUInt8(at++)
      value |= (byte & 127) << shift
      if (byte < 128) return value
    }
  }
  function text(): string {
    const length = count() - 1
    const value = length > 0 ? bytes.toString('utf8', at, at + length) : ''
    skip(Math.max(0, length))
    return value
  }
  function tags() {
    for (let left = count(); left > 0; left--) {
      count()
      skip(count())
    }
  }
  const list = (each: () => void) => {
    for (let left = count() - 1; left > 0; left--) each()
  }
  const numbers = () => skip(4 * (count() - 1))

  tags() // of the header
  skip(4) // throttle time
  list(() => {
    skip(4)
    text() // host
    skip(4)
    text() // rack
    tags()
  })
  const clusterId = text()
  skip(4) // controller
  const ids = new Map<string, string>()
  list(() => {
    const error = bytes.readInt16BE(at)
    skip(2)
    const name = text()
    const hex = bytes.toString('hex', at, at + 16)
    skip(17) // the id, and whether the topic is internal
    list(() => {
      skip(14) // error, index, leader, epoch
      numbers() // replicas
      numbers() // in sync
      numbers() // offline
      tags()
    })
    skip(4) // authorised operations
    tags()
    if (error === 0) ids.set(name, hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'))
  })
  return { clusterId, ids }
}
