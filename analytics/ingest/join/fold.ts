import type { ChoiceColumn } from '../columns/choice-column.ts'
import { type Column, NullableColumn, WordColumn } from '../columns/column.ts'
import type { Dictionary } from '../columns/dictionary.ts'
import { grownLength } from '../columns/growth.ts'

/** Rows of an event's block and the order each belongs to. */
export interface Rows {
  readonly from: number
  readonly count: number
  /** The order's row, for each of them. */
  readonly slots: Int32Array
  /** Another row of the same order, for a value that cannot be compared here: the database folds the two. */
  readonly extra: (slot: number, row: number) => number
}

/** One column of the order rows of a block, folded as events come. */
export interface Fold {
  /** Room for so many orders in all, new ones without a value. */
  reserve(orders: number): void
  /** Folds in the values of an event's column. */
  take(column: Column, rows: Rows): void
  /** The values of so many orders, ready to be sent. */
  finish(orders: number): Column
  /** No order has a value any more. */
  clear(orders: number): void
}

/** Times and 64-bit integers, as doubles, which hold all that a decoder lets through. NaN: none yet. */
export class NumberFold implements Fold {
  readonly #type: string
  readonly #least: boolean
  #values = new Float64Array(256).fill(Number.NaN)

  constructor(type: string, fold: 'min' | 'max') {
    this.#type = type
    this.#least = fold === 'min'
  }

  reserve(orders: number) {
    if (orders <= this.#values.length) return
    const larger = new Float64Array(grownLength(orders, this.#values.length)).fill(Number.NaN)
    larger.set(this.#values)
    this.#values = larger
  }

  take(column: Column, { from, count, slots }: Rows) {
    const { words } = (column instanceof NullableColumn ? column.inner : column) as WordColumn
    const values = this.#values
    if (this.#least)
      for (let i = 0; i < count; i++) {
        const at = 2 * (from + i)
        const value = (words[at + 1] as number) * 4294967296 + ((words[at] as number) >>> 0)
        const slot = slots[i] as number
        if (!((values[slot] as number) <= value)) values[slot] = value
      }
    else
      for (let i = 0; i < count; i++) {
        const at = 2 * (from + i)
        const value = (words[at + 1] as number) * 4294967296 + ((words[at] as number) >>> 0)
        const slot = slots[i] as number
        if (!((values[slot] as number) >= value)) values[slot] = value
      }
  }

  finish(orders: number): Column {
    const nullable = this.#type.startsWith('Nullable(')
    const inner = new WordColumn(nullable ? this.#type.slice(9, -1) : this.#type, 2)
    inner.reserve(orders)
    inner.rows = orders
    const nulls = new Uint8Array(orders)
    const { words } = inner
    for (let i = 0; i < orders; i++) {
      const value = this.#values[i] as number
      if (Number.isNaN(value)) nulls[i] = 1
      else {
        words[2 * i] = value | 0
        words[2 * i + 1] = Math.floor(value / 4294967296)
      }
    }
    return nullable ? nullableOf(inner, nulls) : inner
  }

  /** Gives another row the value of this one. */
  copy(from: number, to: number) {
    this.reserve(to + 1)
    this.#values[to] = this.#values[from] as number
  }

  clear(orders: number) {
    this.#values.fill(Number.NaN, 0, orders)
  }
}

/** Small integers. 0: none yet. */
export class IntFold implements Fold {
  #values = new Int32Array(256)

  reserve(orders: number) {
    this.#values = grown(this.#values, orders)
  }

  take(column: Column, { from, count, slots }: Rows) {
    const { words } = column as WordColumn
    const values = this.#values
    for (let i = 0; i < count; i++) {
      const slot = slots[i] as number
      const value = words[from + i] as number
      if (value > (values[slot] as number)) values[slot] = value
    }
  }

  finish(orders: number): Column {
    const column = new WordColumn('Int32', 1)
    column.words = this.#values
    column.rows = orders
    return column
  }

  clear(orders: number) {
    this.#values.fill(0, 0, orders)
  }
}

/** Text of few values, by its number. 0: none yet. */
export class ChoiceFold implements Fold {
  readonly #make: () => ChoiceColumn
  readonly #dictionary: Dictionary
  #ids = new Int32Array(256)

  constructor(make: () => ChoiceColumn) {
    this.#make = make
    this.#dictionary = make().dictionary
  }

  reserve(orders: number) {
    this.#ids = grown(this.#ids, orders)
  }

  take(column: Column, { from, count, slots }: Rows) {
    const { ids: given } = column as ChoiceColumn
    const ids = this.#ids
    for (let i = 0; i < count; i++) {
      const id = given[from + i] as number
      if (id === 0) continue
      const slot = slots[i] as number
      const before = ids[slot] as number
      if (before === 0) ids[slot] = id
      else if (before !== id) ids[slot] = this.#dictionary.greater(before, id)
    }
  }

  finish(orders: number): Column {
    const column = this.#make()
    column.ids = this.#ids
    column.rows = orders
    return column
  }

  clear(orders: number) {
    this.#ids.fill(0, 0, orders)
  }
}

/** UUIDs. */
export class UuidFold implements Fold {
  #words = new Int32Array(4 * 256)
  #has = new Uint8Array(256)

  reserve(orders: number) {
    this.#words = grown(this.#words, 4 * orders)
    if (orders > this.#has.length) {
      const larger = new Uint8Array(grownLength(orders, this.#has.length))
      larger.set(this.#has)
      this.#has = larger
    }
  }

  take(column: Column, { from, count, slots }: Rows) {
    const { words: given } = (column instanceof NullableColumn ? column.inner : column) as WordColumn
    const words = this.#words
    for (let i = 0; i < count; i++) {
      const slot = slots[i] as number
      const [a, b] = [4 * slot, 4 * (from + i)]
      if (this.#has[slot] === 1 && !uuidLess(words, a, given, b)) continue
      this.#has[slot] = 1
      words[a] = given[b] as number
      words[a + 1] = given[b + 1] as number
      words[a + 2] = given[b + 2] as number
      words[a + 3] = given[b + 3] as number
    }
  }

  finish(orders: number): Column {
    const inner = new WordColumn('UUID', 4)
    inner.words = this.#words
    inner.rows = orders
    const nulls = new Uint8Array(orders)
    for (let i = 0; i < orders; i++) nulls[i] = 1 - (this.#has[i] as number)
    return nullableOf(inner, nulls)
  }

  clear(orders: number) {
    this.#words.fill(0, 0, 4 * orders)
    this.#has.fill(0, 0, orders)
  }
}

function uuidLess(x: Int32Array, a: number, y: Int32Array, b: number): boolean {
  // The upper half first, in it the upper word.
  for (const i of [1, 0, 3, 2]) {
    const [left, right] = [(x[a + i] as number) >>> 0, (y[b + i] as number) >>> 0]
    if (left !== right) return left < right
  }
  return false
}

export function nullableOf(inner: Column, nulls: Uint8Array<ArrayBuffer>): NullableColumn {
  const column = new NullableColumn(inner)
  column.nulls.bytes = nulls
  column.rows = inner.rows
  return column
}

export function grown(array: Int32Array<ArrayBuffer>, length: number): Int32Array<ArrayBuffer> {
  if (length <= array.length) return array
  const larger = new Int32Array(grownLength(length, array.length))
  larger.set(array)
  return larger
}
