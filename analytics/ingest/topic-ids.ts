import type { Socket } from 'node:net'
import { Kafka, logLevel } from 'kafkajs'
import { SECOND } from '#pipelines/kernel/clock.ts'
import { Unavailable } from '#pipelines/kernel/errors.ts'
import { mendRequestQueue } from '#pipelines/stream/binders/kafkajs/request-queue.ts'
import { type BrokerConnection, openSocket } from './broker-connection.ts'

/** Which topic it really is: a topic made anew under its old name has another id. */
export interface TopicIdentity {
  readonly clusterId: string
  /** UUID by topic name. A topic that does not exist is missing. */
  readonly ids: ReadonlyMap<string, string>
}

const METADATA = 3
const VERSION = 12
/** Of our one request; kafkajs counts from 0, so it never waits for this number. */
const CORRELATION_ID = 0x7fffffff
const LIMIT_MS = 5 * SECOND

/**
 * Asks a broker for the ids of topics (Kafka protocol, Metadata v12, KIP-516), which kafkajs does not tell. kafkajs opens the
 * connection and logs in, whatever TLS and SASL that takes; on its socket, which is silent then, we ask our own question.
 * @throws Unavailable `KAFKA_AWAY`
 */
export async function topicIdentity(connection: BrokerConnection, topics: readonly string[]): Promise<TopicIdentity> {
  const { brokers } = connection
  mendRequestQueue()
  let socket: Socket | undefined
  const admin = new Kafka({
    clientId: 'analytics',
    ...connection,
    brokers: [...brokers],
    connectionTimeout: LIMIT_MS,
    retry: { initialRetryTime: 50, retries: brokers.length }, // another broker each time
    logLevel: logLevel.NOTHING,
    socketFactory(options) {
      socket = openSocket(options)
      return socket
    },
  }).admin()
  try {
    await admin.connect()
    if (!socket) throw new Unavailable('KAFKA_AWAY', 'kafkajs connected without a socket')
    return readAnswer(await exchange(socket, request(topics)))
  } catch (cause) {
    throw new Unavailable('KAFKA_AWAY', `no broker of ${brokers.join(', ')} tells the ids of topics`, { cause })
  } finally {
    await admin.disconnect()
  }
}

function request(topics: readonly string[]): Buffer {
  const parts: Buffer[] = []
  const bytes = (...values: number[]) => parts.push(Buffer.from(values))
  const int16 = (value: number) => bytes((value >> 8) & 255, value & 255)
  const clientId = Buffer.from('analytics')
  const correlationId = Buffer.alloc(4)
  correlationId.writeInt32BE(CORRELATION_ID)
  int16(METADATA)
  int16(VERSION)
  parts.push(correlationId)
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

/** Sends our request and reads its answer, without its length; answers to kafkajs's own questions go past. */
function exchange(socket: Socket, message: Buffer): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  let got = Buffer.alloc(0)
  const limit = setTimeout(() => reject(new Unavailable('KAFKA_AWAY', 'the broker does not answer')), LIMIT_MS)
  const closed = () => reject(new Unavailable('KAFKA_AWAY', 'the broker closed the connection'))
  function take(chunk: Buffer) {
    got = Buffer.concat([got, chunk])
    while (got.length >= 8 && got.length >= 4 + got.readInt32BE(0)) {
      const end = 4 + got.readInt32BE(0)
      const answer = got.subarray(4, end)
      got = got.subarray(end)
      if (answer.readInt32BE(0) === CORRELATION_ID) return resolve(answer)
    }
  }
  socket.on('data', take).on('close', closed)
  socket.write(message)
  return promise.finally(() => {
    clearTimeout(limit)
    socket.off('data', take).off('close', closed)
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
