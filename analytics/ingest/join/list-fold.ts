import { ChoiceColumn } from '../columns/choice-column.ts'
import { type Column, TextColumn, WordColumn } from '../columns/column.ts'
import type { ListColumn } from '../columns/list-column.ts'
import { type Fold, grown, type Rows } from './fold.ts'
import { copyText, endOf } from './text-fold.ts'

/**
 * Arrays of tuples: where they stand in the events' columns. Two different ones of an order are not compared here: the second gets a row
 * of its own, and the database folds the two.
 */
export class ListFold implements Fold {
  readonly #make: () => ListColumn
  readonly #columns: ListColumn[] = []
  #source = new Int32Array(256)
  #row = new Int32Array(256)

  /** `make` gives the empty column of the order table, whose parts match those of the events by name. */
  constructor(make: () => ListColumn) {
    this.#make = make
  }

  reserve(orders: number) {
    this.#source = grown(this.#source, orders)
    this.#row = grown(this.#row, orders)
  }

  take(column: Column, { from, count, slots, extra }: Rows) {
    const list = column as ListColumn
    let source = this.#columns.indexOf(list) + 1
    if (source === 0) source = this.#columns.push(list)
    for (let i = 0; i < count; i++) {
      let slot = slots[i] as number
      const before = this.#source[slot] as number
      if (before !== 0) {
        if (same(this.#columns[before - 1] as ListColumn, this.#row[slot] as number, list, from + i)) continue
        slot = extra(slot, from + i)
      }
      this.#source[slot] = source
      this.#row[slot] = from + i
    }
  }

  finish(orders: number): Column {
    const list = this.#make()
    list.reserve(orders)
    let elements = 0
    for (let i = 0; i < orders; i++) {
      const source = this.#source[i] as number
      if (source !== 0) {
        const from = this.#columns[source - 1] as ListColumn
        const row = this.#row[i] as number
        const first = from.startOf(row)
        const many = (from.ends.words[2 * row] as number) - first
        list.reserveElements(elements + many)
        for (const [at, { column }] of list.parts.entries()) {
          const given = (from.parts[at] as { column: Column }).column
          for (let k = 0; k < many; k++) copyValue(given, first + k, column, elements + k)
        }
        elements += many
      }
      list.close(i, elements)
    }
    list.rows = orders
    return list
  }

  clear(orders: number) {
    this.#source.fill(0, 0, orders)
    this.#columns.length = 0
  }
}

function copyValue(from: Column, row: number, to: Column, at: number) {
  if (from instanceof WordColumn) {
    const { width, words } = from
    for (let i = 0; i < width; i++) (to as WordColumn).words[at * width + i] = words[row * width + i] as number
  } else if (from instanceof TextColumn) copyText(from, row, to as TextColumn, at)
  else if (from instanceof ChoiceColumn) {
    const { dictionary } = from
    const id = from.ids[row] as number
    const bytes = id === 0 ? dictionary.keys : dictionary.bytesOf(id)
    ;(to as TextColumn).push(at, bytes, 0, id === 0 ? 0 : bytes.length)
  } else throw new TypeError(`a list of ${from.type} cannot be joined`)
}

function same(x: ListColumn, a: number, y: ListColumn, b: number): boolean {
  const [p, q] = [x.startOf(a), y.startOf(b)]
  const many = (x.ends.words[2 * a] as number) - p
  if (many !== (y.ends.words[2 * b] as number) - q) return false
  if (x === y && a === b) return true
  for (const [at, { column }] of x.parts.entries()) {
    const other = (y.parts[at] as { column: Column }).column
    for (let k = 0; k < many; k++) if (!sameValue(column, p + k, other, q + k)) return false
  }
  return true
}

function sameValue(x: Column, a: number, y: Column, b: number): boolean {
  if (x instanceof WordColumn) {
    const { words } = y as WordColumn
    for (let i = 0; i < x.width; i++) if (x.words[a * x.width + i] !== words[b * x.width + i]) return false
    return true
  }
  if (x instanceof ChoiceColumn) return x.ids[a] === (y as ChoiceColumn).ids[b]
  const [left, right] = [x as TextColumn, y as TextColumn]
  const [p, q] = [left.starts[a] as number, right.starts[b] as number]
  const length = endOf(left.bytes, p) - p
  if (length !== endOf(right.bytes, q) - q) return false
  for (let i = 0; i < length; i++) if (left.bytes[p + i] !== right.bytes[q + i]) return false
  return true
}
