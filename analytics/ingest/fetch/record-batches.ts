import { crc32c } from '@node-rs/crc32'
import type { RecordRun } from '../source.ts'
import { BatchCorrupt } from './batch-corrupt.ts'
import { decompressed } from './compression.ts'
import { RunBuilder, type RunLists } from './run-builder.ts'

/** Bytes of a batch before its records (Kafka, RecordBatch of magic 2, KIP-98). */
const HEADER_BYTES = 61
const CRC_FROM = 21
const CONTROL = 0x20
const TRANSACTIONAL = 0x10
const LOG_APPEND_TIME = 0x08
const COMPRESSION = 0x07

/** A transaction that was given up: records of this producer from this offset up to its abort marker do not count. */
export interface AbortedTransaction {
  readonly producerId: bigint
  readonly firstOffset: number
}

export interface WalkOptions {
  /** Records below are passed over: a fetch begins with the whole batch that holds the offset asked for. */
  readonly from: number
  readonly aborted?: readonly AbortedTransaction[]
  /** Lists that nobody needs any more: the runs are written into them. Default none. */
  readonly spare?: RunLists[]
}

export interface Walked {
  /** Records in order. Those of one run lie in one buffer. */
  readonly runs: readonly RecordRun[]
  /** The offset behind everything that was walked, what does not count included. */
  readonly next: number
  /** Bytes of its largest batch. */
  readonly largest: number
  /** The epoch of the leader that wrote the last of them, -1 if there was none. */
  readonly epoch: number
  /** What the runs were written into: spare when they were handed over. */
  readonly lists: readonly RunLists[]
}

/**
 * Walks the record batches of one partition in a fetch answer. A last batch that is cut off, as brokers send it, is left for the next
 * fetch. Control batches and aborted transactions are passed over.
 * @throws BatchCorrupt when a checksum or a length does not hold
 */
export function walkBatches(bytes: Buffer, { from, aborted = [], spare = [] }: WalkOptions): Walked {
  const runs: RecordRun[] = []
  const lists: RunLists[] = []
  const open = new Set<bigint>()
  let pending = [...aborted].sort((a, b) => a.firstOffset - b.firstOffset)
  let builder: RunBuilder | undefined
  let next = from
  let largest = 0
  let epoch = -1
  for (let at = 0; at + 12 <= bytes.length; ) {
    const length = bytes.readInt32BE(at + 8)
    const end = at + 12 + length
    if (length < HEADER_BYTES - 12) throw new BatchCorrupt('it is shorter than its header', { length })
    if (end > bytes.length) break
    const magic = bytes[at + 16]
    if (magic !== 2) throw new BatchCorrupt(`its format is ${magic}, which brokers before 0.11 wrote`)
    if (bytes.readUInt32BE(at + 17) !== crc32c(bytes.subarray(at + CRC_FROM, end)))
      throw new BatchCorrupt('its checksum does not match')
    const base = int64(bytes, at)
    const attributes = bytes.readInt16BE(at + 21)
    const last = base + bytes.readInt32BE(at + 23)
    const producerId = bytes.readBigInt64BE(at + 43)
    const count = bytes.readInt32BE(at + 57)
    pending = pending.filter((one) => {
      if (one.firstOffset > last) return true
      open.add(one.producerId)
      return false
    })
    if (attributes & CONTROL) {
      // An abort or commit marker ends the producer's transaction.
      open.delete(producerId)
    } else if (last >= from && !(attributes & TRANSACTIONAL && open.has(producerId))) {
      const compressed = attributes & COMPRESSION
      const records = compressed ? decompressed(compressed, bytes.subarray(at + HEADER_BYTES, end)) : bytes
      const start = compressed ? 0 : at + HEADER_BYTES
      if (!builder || builder.bytes !== records) {
        if (builder && builder.count > 0) runs.push(builder.run())
        builder = new RunBuilder(records, spare.pop())
        lists.push(builder.lists)
      }
      const time = int64(bytes, at + (attributes & LOG_APPEND_TIME ? 35 : 27))
      const reached = builder.add({
        start,
        end: compressed ? records.length : end,
        count,
        base,
        time,
        fixedTime: (attributes & LOG_APPEND_TIME) !== 0,
        from,
      })
      if (reached !== (compressed ? records.length : end))
        throw new BatchCorrupt('its records do not end where it does', { base, count })
    }
    next = Math.max(next, last + 1)
    largest = Math.max(largest, end - at)
    epoch = bytes.readInt32BE(at + 12)
    at = end
  }
  if (builder && builder.count > 0) runs.push(builder.run())
  return { runs, next, largest, epoch, lists }
}

function int64(bytes: Buffer, at: number): number {
  return bytes.readInt32BE(at) * 4294967296 + bytes.readUInt32BE(at + 4)
}
