import type { LogRecord, RecordRun } from '../source.ts'
import { BatchCorrupt } from './batch-corrupt.ts'

export interface Records {
  readonly start: number
  readonly end: number
  readonly count: number
  /** Offset and milliseconds that the records count from. */
  readonly base: number
  readonly time: number
  /** Whether all records have the batch's time. */
  readonly fixedTime: boolean
  /** Records below are passed over. */
  readonly from: number
}

/** The places of a run's records. Kept and used again: making them anew for each answer is much of what the garbage collector then has to do. */
export class RunLists {
  offsets = new Float64Array(64)
  timestamps = new Float64Array(64)
  starts = new Int32Array(64)
  ends = new Int32Array(64)
  /** Where each record's key begins. */
  keys = new Int32Array(64)

  reserve(count: number): void {
    if (count <= this.offsets.length) return
    const length = Math.max(count, this.offsets.length * 2)
    this.offsets = larger(this.offsets, new Float64Array(length))
    this.timestamps = larger(this.timestamps, new Float64Array(length))
    this.starts = larger(this.starts, new Int32Array(length))
    this.ends = larger(this.ends, new Int32Array(length))
    this.keys = larger(this.keys, new Int32Array(length))
  }
}

/** Notes where records lie in a buffer, batch after batch. Keys and headers are walked over, and read only of a record that is asked for. */
export class RunBuilder {
  readonly bytes: Buffer
  count = 0
  readonly lists: RunLists
  #at = 0

  /** `lists` are written over. */
  constructor(bytes: Buffer, lists: RunLists = new RunLists()) {
    this.bytes = bytes
    this.lists = lists
  }

  /** Adds the records of a batch and gives back where they end. @throws BatchCorrupt */
  add({ start, end, count, base, time, fixedTime, from }: Records): number {
    // Each record takes seven bytes at least: a count beyond that must not make us reserve memory for it.
    if (count < 0 || count > (end - start) / 7) throw new BatchCorrupt('it cannot hold so many records', { count })
    this.lists.reserve(this.count + count)
    const { offsets, timestamps, starts, ends, keys } = this.lists
    this.#at = start
    for (let i = 0; i < count; i++) {
      const length = this.#varint()
      const recordEnd = this.#at + length
      if (length < 0 || recordEnd > end) throw new BatchCorrupt('a record is longer than its batch', { base, i })
      this.#at++ // attributes
      const sinceTime = this.#varint()
      const offset = base + this.#varint()
      const key = this.#at
      const keyLength = this.#varint()
      if (keyLength > 0) this.#at += keyLength
      const valueLength = this.#varint()
      const value = this.#at
      if (value > recordEnd || valueLength > recordEnd - value)
        throw new BatchCorrupt('a value is longer than its record', { base, i })
      if (offset >= from) {
        const at = this.count++
        offsets[at] = offset
        timestamps[at] = fixedTime ? time : time + sinceTime
        starts[at] = valueLength < 0 ? -1 : value
        ends[at] = valueLength < 0 ? -1 : value + valueLength
        keys[at] = key
      }
      this.#at = recordEnd // past the headers
    }
    return this.#at
  }

  run(): RecordRun {
    const { bytes, count } = this
    const { offsets, timestamps, starts, ends } = this.lists
    return { count, bytes, offsets, timestamps, starts, ends, record: (index) => this.#record(index) }
  }

  #record(index: number): LogRecord {
    this.#at = this.lists.keys[index] as number
    const key = this.#piece()
    const value = this.#piece()
    const headers: Record<string, unknown> = {}
    // A count that the bytes cannot hold ends with them.
    for (let left = this.#varint(); left > 0 && this.#at < this.bytes.length; left--) {
      const name = String(this.#piece())
      headers[name] = this.#piece()
    }
    return {
      offset: this.lists.offsets[index] as number,
      timestamp: this.lists.timestamps[index] as number,
      key,
      value,
      headers,
    }
  }

  #piece(): Buffer | null {
    const length = this.#varint()
    if (length < 0) return null
    const piece = Buffer.from(this.bytes.subarray(this.#at, this.#at + length))
    this.#at += length
    return piece
  }

  /** A zigzag varint of up to 64 bits, as far as a number holds it. */
  #varint(): number {
    const { bytes } = this
    let byte = bytes[this.#at++] as number
    if (byte < 128) return (byte >>> 1) ^ -(byte & 1)
    let low = byte & 127
    let shift = 7
    do {
      byte = bytes[this.#at++] as number
      low |= (byte & 127) << shift
      shift += 7
    } while (byte > 127 && shift < 28)
    if (!(byte > 127)) return (low >>> 1) ^ -(low & 1)
    let high = 0
    let factor = 1
    do {
      byte = bytes[this.#at++] as number
      high += (byte & 127) * factor
      factor *= 128
    } while (byte > 127 && factor < 2 ** 42)
    const magnitude = (low >>> 1) + high * 2 ** 27
    return low & 1 ? -magnitude - 1 : magnitude
  }
}

function larger<T extends Float64Array | Int32Array>(old: T, fresh: T): T {
  fresh.set(old)
  return fresh
}
