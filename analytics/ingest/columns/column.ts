import { grownLength } from './growth.ts'
import type { Out } from './out.ts'

/**
 * Vocabulary. A *column* holds the values of one ClickHouse column of one block in the layout of the Native format, so that sending it
 * is handing its memory over. It grows and is used again for the next block. `rows` is how many have a value; whoever writes row n has
 * filled all before it.
 */
export abstract class Column {
  abstract readonly type: string
  rows = 0
  /** Makes room for this many rows in all, and for as many more bytes of text. */
  abstract reserve(rows: number, textBytes: number): void
  /** Gives rows up to this number the default value: 0, '', NULL, []. */
  abstract fill(rows: number): void
  /** What stands before the values of all rows of a block (dictionary versions). */
  prefix(_out: Out): void {}
  abstract values(out: Out): void
  /** Bytes in use. */
  abstract get size(): number
  clear(): void {
    this.rows = 0
  }
}

/** Values of 4, 8 or 16 bytes: integers, times, UUIDs, as words of 32 bits, the lower first. */
export class WordColumn extends Column {
  readonly type: string
  readonly width: number
  words: Int32Array

  constructor(type: string, width: 1 | 2 | 4) {
    super()
    this.type = type
    this.width = width
    this.words = new Int32Array(64 * width)
  }

  reserve(rows: number): void {
    const length = rows * this.width
    if (length <= this.words.length) return
    const larger = new Int32Array(grownLength(length, this.words.length))
    larger.set(this.words)
    this.words = larger
  }

  fill(rows: number): void {
    this.reserve(rows)
    this.words.fill(0, this.rows * this.width, rows * this.width)
    this.rows = rows
  }

  values(out: Out): void {
    out.view(new Uint8Array(this.words.buffer, 0, this.rows * this.width * 4))
  }

  get size(): number {
    return this.rows * this.width * 4
  }
}

/** One byte each: booleans, and which values of another column are NULL. */
export class ByteColumn extends Column {
  readonly type: string
  bytes = new Uint8Array(64)
  readonly empty: number

  /** `empty` is the default value. */
  constructor(type: string, empty = 0) {
    super()
    this.type = type
    this.empty = empty
  }

  reserve(rows: number): void {
    if (rows <= this.bytes.length) return
    const larger = new Uint8Array(grownLength(rows, this.bytes.length))
    larger.set(this.bytes)
    this.bytes = larger
  }

  fill(rows: number): void {
    this.reserve(rows)
    this.bytes.fill(this.empty, this.rows, rows)
    this.rows = rows
  }

  values(out: Out): void {
    out.view(this.bytes.subarray(0, this.rows))
  }

  get size(): number {
    return this.rows
  }
}

/** Text: each value is its length as a varint and its bytes. `starts` tells where each begins. */
export class TextColumn extends Column {
  readonly type = 'String'
  bytes: Buffer = Buffer.allocUnsafe(256)
  starts = new Int32Array(64)
  end = 0

  reserve(rows: number, textBytes: number): void {
    // One byte more for each row, as a value that is missing takes one.
    const bytes = this.end + textBytes + (rows - this.rows)
    if (bytes > this.bytes.length) {
      const larger = Buffer.allocUnsafe(grownLength(bytes, this.bytes.length))
      this.bytes.copy(larger, 0, 0, this.end)
      this.bytes = larger
    }
    if (rows > this.starts.length) {
      const larger = new Int32Array(grownLength(rows, this.starts.length))
      larger.set(this.starts)
      this.starts = larger
    }
  }

  fill(rows: number): void {
    this.reserve(rows, 0)
    for (; this.rows < rows; this.rows++) {
      this.starts[this.rows] = this.end
      this.bytes[this.end++] = 0
    }
  }

  /** Adds bytes of elsewhere as the value of a row, and grows as needed. */
  push(row: number, from: Uint8Array, start: number, end: number): void {
    const length = end - start
    if (row >= this.starts.length || this.end + length + 5 > this.bytes.length) {
      this.rows = row
      this.reserve(row + 1, length + 5)
    }
    this.starts[row] = this.end
    let rest = length
    while (rest > 127) {
      this.bytes[this.end++] = (rest & 127) | 128
      rest >>>= 7
    }
    this.bytes[this.end++] = rest
    if (length > 48) this.bytes.set(from.subarray(start, end), this.end)
    else for (let i = 0; i < length; i++) this.bytes[this.end + i] = from[start + i] as number
    this.end += length
  }

  /** Where the value of a row ends, given how many rows have one. */
  endOf(row: number, rows = this.rows): number {
    return row + 1 < rows ? (this.starts[row + 1] as number) : this.end
  }

  values(out: Out): void {
    out.view(this.bytes.subarray(0, this.end))
  }

  get size(): number {
    return this.end
  }

  override clear(): void {
    super.clear()
    this.end = 0
  }
}

/** Values that may be NULL: which are, then the values with defaults in the places of NULLs. */
export class NullableColumn extends Column {
  readonly type: string
  readonly nulls = new ByteColumn('UInt8', 1)
  readonly inner: Column

  constructor(inner: Column) {
    super()
    this.inner = inner
    this.type = `Nullable(${inner.type})`
  }

  reserve(rows: number, textBytes: number): void {
    this.nulls.rows = this.inner.rows = this.rows
    this.nulls.reserve(rows)
    this.inner.reserve(rows, textBytes)
  }

  fill(rows: number): void {
    this.nulls.rows = this.inner.rows = this.rows
    this.nulls.fill(rows)
    this.inner.fill(rows)
    this.rows = rows
  }

  values(out: Out): void {
    this.nulls.rows = this.inner.rows = this.rows
    this.nulls.values(out)
    this.inner.values(out)
  }

  get size(): number {
    return this.rows + this.inner.size
  }

  override clear(): void {
    super.clear()
    this.inner.clear()
  }
}
