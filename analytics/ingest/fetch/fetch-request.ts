import { Writer } from '@platformatic/kafka'
import type { AnswerMemory, FetchConnection } from './fetch-connection.ts'
import type { AbortedTransaction } from './record-batches.ts'

const FETCH = 1
/** Topics by id (KIP-516), so that a topic made anew under its old name is never read as the one before. Kafka 3.1 and newer. */
const VERSION = 13
const READ_COMMITTED = 1
const DIVERGING_EPOCH = 0

export interface FetchPlace {
  readonly topicId: string
  readonly partition: number
  readonly offset: number
  /** The epoch of the leader that wrote the record before, -1 if it is not known: the broker says when its log holds another one there. */
  readonly lastEpoch: number
  /** Bytes of it at most; a first batch that is larger than all of the answer comes whole. */
  readonly maxBytes: number
}

export interface FetchLimits {
  /** How long the broker may wait for the first byte, in milliseconds. */
  readonly maxWaitMs: number
  readonly maxBytes: number
}

/** What a broker says of one partition. */
export interface FetchedPlace {
  readonly topicId: string
  readonly partition: number
  /** Kafka's error code, 0 for none. */
  readonly error: number
  /** The offset behind the last record that may be read now. */
  readonly end: number
  readonly aborted: readonly AbortedTransaction[]
  /** From this offset on the log is another one than that of which `lastEpoch` was read (KIP-320, KIP-595). */
  readonly divergesAt: number | undefined
  /** Record batches as they lie in the log, the last one perhaps cut off. */
  readonly batches: Buffer
}

/** Asks a broker for records of partitions it leads, as bytes in `memory`: nothing is made of them here. */
export async function fetchPlaces(
  connection: FetchConnection,
  places: readonly FetchPlace[],
  limits: FetchLimits,
  memory: AnswerMemory,
): Promise<{ error: number; places: FetchedPlace[]; bytes: number }> {
  const byTopic = Map.groupBy(places, ({ topicId }) => topicId)
  const answer = await connection.ask(FETCH, VERSION, request(byTopic, limits), memory)
  return { ...read(answer), bytes: answer.length }
}

function request(byTopic: ReadonlyMap<string, readonly FetchPlace[]>, limits: FetchLimits): Writer {
  return Writer.create()
    .appendInt32(-1) // no replica
    .appendInt32(limits.maxWaitMs)
    .appendInt32(1)
    .appendInt32(limits.maxBytes)
    .appendInt8(READ_COMMITTED)
    .appendInt32(0) // no fetch session
    .appendInt32(-1)
    .appendArray([...byTopic], (writer, [topicId, places]) => {
      writer.appendUUID(topicId).appendArray([...places], (inner, { partition, offset, lastEpoch, maxBytes }) => {
        inner
          .appendInt32(partition)
          .appendInt32(-1) // leader epoch
          .appendInt64(BigInt(offset))
          .appendInt32(lastEpoch)
          .appendInt64(-1n)
          .appendInt32(maxBytes)
      })
    })
    .appendArray([], () => {})
    .appendString('')
    .appendTaggedFields()
}

/** Reads the answer without the library's reader, whose every number is a call through a list of chunks. */
function read(bytes: Buffer): { error: number; places: FetchedPlace[] } {
  let at = 4 // throttle time
  function skip(size: number): number {
    at += size
    return at - size
  }
  const int32 = () => bytes.readInt32BE(skip(4))
  const int16 = () => bytes.readInt16BE(skip(2))
  const int64 = () => bytes.readBigInt64BE(skip(8))
  function varint(): number {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const byte = bytes.readUInt8(at++)
      value |= (byte & 127) << shift
      if (byte < 128) return value >>> 0
    }
  }
  function tags() {
    for (let left = varint(); left > 0; left--) {
      varint()
      const size = varint()
      at += size
    }
  }
  /** Passes over a partition's tags, but for the first: an epoch, and the offset where it ends in this log. */
  function divergence(): number | undefined {
    let found: number | undefined
    for (let left = varint(); left > 0; left--) {
      const tag = varint()
      const size = varint()
      if (tag === DIVERGING_EPOCH) found = Number(bytes.readBigInt64BE(at + 4))
      at += size
    }
    return found
  }
  const error = int16()
  int32() // session
  const places: FetchedPlace[] = []
  for (let topics = varint() - 1; topics > 0; topics--) {
    const hex = bytes.toString('hex', at, at + 16)
    at += 16
    const topicId = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
    for (let left = varint() - 1; left > 0; left--) {
      const partition = int32()
      const failed = int16()
      int64() // high watermark
      const end = Number(int64())
      int64() // log start
      const aborted: AbortedTransaction[] = []
      for (let count = varint() - 1; count > 0; count--) {
        aborted.push({ producerId: int64(), firstOffset: Number(int64()) })
        tags()
      }
      int32() // preferred replica
      const size = Math.max(0, varint() - 1)
      const batches = bytes.subarray(at, at + size)
      at += size
      const divergesAt = divergence()
      places.push({ topicId, partition, error: failed, end, aborted, divergesAt, batches })
    }
    tags()
  }
  return { error, places }
}
