import { type Column, NullableColumn, TextColumn } from '../columns/column.ts'
import { type Fold, grown, nullableOf, type Rows } from './fold.ts'

/** Text of many values: where it stands in the events' columns. Of two different ones the greater, bytewise. */
export class TextFold implements Fold {
  readonly #nullable: boolean
  /** The columns values were taken from; a source is its number from 1. */
  readonly #columns: TextColumn[] = []
  #source = new Int32Array(256)
  #row = new Int32Array(256)

  constructor(nullable: boolean) {
    this.#nullable = nullable
  }

  reserve(orders: number) {
    this.#source = grown(this.#source, orders)
    this.#row = grown(this.#row, orders)
  }

  take(column: Column, { from, count, slots }: Rows) {
    const nulls = column instanceof NullableColumn ? column.nulls.bytes : undefined
    const text = (column instanceof NullableColumn ? column.inner : column) as TextColumn
    let source = this.#columns.indexOf(text) + 1
    if (source === 0) source = this.#columns.push(text)
    for (let i = 0; i < count; i++) {
      if (nulls && nulls[from + i] === 1) continue
      const slot = slots[i] as number
      const before = this.#source[slot] as number
      if (before !== 0) {
        const [old, row] = [this.#columns[before - 1] as TextColumn, this.#row[slot] as number]
        if (compare(old, row, text, from + i) >= 0) continue
      }
      this.#source[slot] = source
      this.#row[slot] = from + i
    }
  }

  finish(orders: number): Column {
    const column = new TextColumn()
    column.reserve(orders, 64 * orders)
    const nulls = new Uint8Array(orders)
    for (let i = 0; i < orders; i++) {
      const source = this.#source[i] as number
      if (source === 0) {
        nulls[i] = 1
        column.push(i, column.bytes, 0, 0)
      } else copyText(this.#columns[source - 1] as TextColumn, this.#row[i] as number, column, i)
    }
    column.rows = orders
    return this.#nullable ? nullableOf(column, nulls) : column
  }

  clear(orders: number) {
    this.#source.fill(0, 0, orders)
    this.#columns.length = 0
  }
}

/** Copies an encoded value from one column to the next row of another. */
export function copyText(from: TextColumn, row: number, to: TextColumn, at: number): void {
  const start = from.starts[row] as number
  const end = endOf(from.bytes, start)
  const length = end - start
  to.rows = at
  to.reserve(at + 1, length)
  to.starts[at] = to.end
  if (length > 48) to.bytes.set(from.bytes.subarray(start, end), to.end)
  else for (let i = 0; i < length; i++) to.bytes[to.end + i] = from.bytes[start + i] as number
  to.end += length
}

/** Where an encoded text ends: its length says. */
export function endOf(bytes: Buffer, start: number): number {
  let at = start
  let length = 0
  let shift = 0
  let byte: number
  do {
    byte = bytes[at++] as number
    length |= (byte & 127) << shift
    shift += 7
  } while (byte > 127)
  return at + length
}

/** Compares two texts, bytewise. */
function compare(x: TextColumn, a: number, y: TextColumn, b: number): number {
  const [p, q] = [x.starts[a] as number, y.starts[b] as number]
  const [pEnd, qEnd] = [endOf(x.bytes, p), endOf(y.bytes, q)]
  if (pEnd - p === qEnd - q) {
    let i = 0
    while (i < pEnd - p && x.bytes[p + i] === y.bytes[q + i]) i++
    if (i === pEnd - p) return 0
  }
  return textOf(x.bytes, p, pEnd).compare(textOf(y.bytes, q, qEnd))
}

function textOf(bytes: Buffer, start: number, end: number): Buffer {
  let at = start
  while ((bytes[at] as number) > 127) at++
  return bytes.subarray(at + 1, end)
}
