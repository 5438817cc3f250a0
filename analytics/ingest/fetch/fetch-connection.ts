import { connect } from 'node:net'
import { type Connection, Writer } from '@platformatic/kafka'
import { Unavailable } from '#pipelines/kernel/errors.ts'
import type { Closable } from '#pipelines/kernel/lifecycle.ts'

/** Memory for an answer, used again: larger ones are made as needed. */
export interface AnswerMemory {
  bytes: Buffer
}

/** Asks one broker, one request at a time. */
export interface FetchConnection extends Closable {
  /**
   * Sends a request of Kafka's flexible versions and gives the answer behind its header, in `memory`.
   * @throws whatever the network throws, Unavailable `KAFKA_AWAY` when nothing comes for 15 s, or `KAFKA_ANSWER` for what is no answer to it.
   * The connection is of no use after.
   */
  ask(apiKey: number, version: number, request: Writer, memory: AnswerMemory): Promise<Buffer>
}

/** So long a broker may be silent while it is asked. A fetch waits at the broker for half a second at most. */
const LIMIT_MS = 15_000
/** No answer is larger: we ask for 64 MiB, and a batch that is larger for itself must have passed the broker's `socket.request.max.bytes` (100 MiB). */
const MOST_BYTES = 256 * 1024 * 1024
/** What the kernel hands over at most at once. */
const READ_BYTES = 256 * 1024
/** Before an answer's body: its length, and the header (the request's number, no tags). */
const LENGTH_BYTES = 4
const HEADER_BYTES = 5

/** Room for so many bytes. What is in it may be lost. */
function room(memory: AnswerMemory, bytes: number): Buffer {
  if (memory.bytes.length < bytes) memory.bytes = Buffer.allocUnsafe(Math.max(bytes, 2 * memory.bytes.length))
  return memory.bytes
}

/** By a connection of the library: with its TLS and logins, and a buffer of its own for each chunk that comes. */
export function libraryConnection(connection: Connection): FetchConnection {
  return {
    async ask(apiKey, version, request, memory) {
      const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
      connection.send<Buffer>(
        apiKey,
        version,
        () => request,
        (_correlationId, _apiKey, _version, { buffer, position }) => {
          const bytes = room(memory, buffer.length - position)
          let at = -position
          for (const chunk of buffer.buffers) {
            if (at < 0) chunk.copy(bytes, 0, Math.min(-at, chunk.length))
            else chunk.copy(bytes, at)
            at += chunk.length
          }
          return bytes.subarray(0, at)
        },
        true,
        true,
        (error, answer) => (error ? reject(error) : resolve(answer as Buffer)),
      )
      return await promise
    },
    async close() {},
  }
}

/**
 * By a plain socket of our own that reads into the same memory again and again. A buffer for each chunk, as streams have it, is memory outside
 * of V8's heap, which it answers with collections of all of the heap.
 */
export async function socketConnection(
  { host, port }: { host: string; port: number },
  { limitMs = LIMIT_MS }: { limitMs?: number | undefined } = {},
): Promise<FetchConnection> {
  let waiting: { memory: AnswerMemory; resolve(answer: Buffer): void; reject(error: unknown): void } | undefined
  let number = 0
  let head = 0
  let length = 0
  let filled = 0
  const prefix = Buffer.alloc(LENGTH_BYTES)

  function take(count: number, bytes: Uint8Array): boolean {
    for (let at = 0; at < count; ) {
      if (!waiting) return refuse('sent what nobody asked for')
      if (head < LENGTH_BYTES) {
        prefix[head++] = bytes[at++] as number
        if (head === LENGTH_BYTES) length = prefix.readInt32BE()
        continue
      }
      if (length < HEADER_BYTES || length > MOST_BYTES) return refuse(`sent an answer of ${length} bytes`)
      const answer = room(waiting.memory, length)
      const piece = Math.min(count - at, length - filled)
      answer.set(bytes.subarray(at, at + piece), filled)
      at += piece
      filled += piece
      if (filled < length) continue
      if (answer.readInt32BE(0) !== number) return refuse('answered another request')
      const { resolve } = waiting
      waiting = undefined
      resolve(answer.subarray(HEADER_BYTES, length))
      head = length = filled = 0
    }
    return true
  }

  /** Where the next answer begins nobody knows then. */
  function refuse(what: string): false {
    socket.destroy(new Unavailable('KAFKA_ANSWER', `${host}:${port} ${what}`))
    return false
  }

  const socket = connect({
    host,
    port,
    noDelay: true,
    onread: { buffer: Buffer.allocUnsafeSlow(READ_BYTES), callback: (count, bytes) => take(count, bytes) },
  })
  const opened = Promise.withResolvers<void>()
  let failure: unknown
  socket.once('connect', () => opened.resolve())
  socket.on('error', (error) => {
    failure = error
  })
  socket.on('close', () => {
    failure ??= new Unavailable('KAFKA_AWAY', `${host}:${port} closed the connection`)
    opened.reject(failure)
    waiting?.reject(failure)
    waiting = undefined
  })
  // Between two requests it may be silent for as long as it likes.
  socket.on('timeout', () => {
    if (waiting || socket.connecting)
      socket.destroy(new Unavailable('KAFKA_AWAY', `${host}:${port} does not answer within ${limitMs} ms`))
  })
  socket.setTimeout(limitMs)
  await opened.promise

  return {
    async ask(apiKey, version, request, memory) {
      if (failure) throw failure
      if (waiting) throw new TypeError('a request is on its way already')
      const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
      waiting = { memory, resolve, reject }
      number = (number + 1) & 0x7fffffff
      const { buffer } = Writer.create()
        .appendInt16(apiKey)
        .appendInt16(version)
        .appendInt32(number)
        .appendString('analytics', false)
        .appendTaggedFields()
        .appendFrom(request)
        .prependLength()
      socket.write(buffer)
      return await promise
    },
    async close() {
      socket.destroy()
    },
  }
}
