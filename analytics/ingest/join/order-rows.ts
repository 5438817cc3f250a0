import type { EventType } from '#schemas/generated/events.ts'
import { dictionaryOf, orderColumns, orderSourcesOf } from '../../tables/order-sources.ts'
import type { ChoiceColumn } from '../columns/choice-column.ts'
import { type Column, NullableColumn, WordColumn } from '../columns/column.ts'
import type { ListColumn } from '../columns/list-column.ts'
import { type Dictionaries, makeColumn } from '../columns/make-column.ts'
import { type NamedColumn, writeBlock } from '../columns/native.ts'
import type { Out } from '../columns/out.ts'
import { ChoiceFold, type Fold, grown, IntFold, NumberFold, UuidFold } from './fold.ts'
import { ListFold } from './list-fold.ts'
import { OrderIndex } from './order-index.ts'
import { TextFold } from './text-fold.ts'

/** Where the columns of one topic's block are that an event's order row is made of. */
export interface Sourced {
  readonly orderId: Column
  readonly folds: readonly { readonly fold: Fold; readonly column: Column }[]
}

/**
 * The order rows of one flush: one for each order that its events are about, folded in memory as ClickHouse would, so that the table gets
 * one row where events would have been a dozen.
 */
export class OrderRows {
  readonly #index = new OrderIndex()
  readonly #folds: ReadonlyMap<string, Fold>
  readonly #first = new NumberFold("DateTime64(3, 'UTC')", 'min')
  readonly #last = new NumberFold("DateTime64(3, 'UTC')", 'max')
  #slots = new Int32Array(1024)

  constructor(dictionaries: Dictionaries) {
    this.#folds = new Map(
      orderColumns.map(({ name, type, fold }) => [name, this.#fold(name, type, fold, dictionaries)]),
    )
  }

  get count(): number {
    return this.#index.count
  }

  /** What an event of this type says about its order, given the columns of its block; nothing if it says nothing. */
  sourced(type: EventType, column: (name: string) => Column): Sourced | undefined {
    const sources = orderSourcesOf(type)
    if (!sources) return undefined
    const folds = Object.entries(sources).map(([name, from]) => ({
      fold: this.#folds.get(name) as Fold,
      column: column(from),
    }))
    return { orderId: column('order_id'), folds }
  }

  /** Folds in rows of a block. */
  take({ orderId, folds }: Sourced, from: number, count: number): void {
    const { words } = (orderId instanceof NullableColumn ? orderId.inner : orderId) as WordColumn
    this.#slots = grown(this.#slots, count)
    const slots = this.#slots
    for (let i = 0; i < count; i++) {
      const at = 4 * (from + i)
      slots[i] = this.#index.slot(
        words[at] as number,
        words[at + 1] as number,
        words[at + 2] as number,
        words[at + 3] as number,
      )
    }
    // As many again, should every list differ from the one before.
    for (const fold of this.#folds.values()) fold.reserve(this.#index.count + 2 * count)
    const extra = (slot: number) => this.#extra(slot)
    for (const { fold, column } of folds) fold.take(column, { from, count, slots, extra })
  }

  write(out: Out): void {
    const rows = this.count
    const ids = new WordColumn('UUID', 4)
    ids.words = this.#index.ids
    ids.rows = rows
    const columns: NamedColumn[] = [{ name: 'order_id', column: ids }]
    for (const [name, fold] of this.#folds) columns.push({ name, column: fold.finish(rows) })
    writeBlock(out, columns, rows)
  }

  clear(): void {
    for (const fold of this.#folds.values()) fold.clear(this.count)
    this.#index.clear()
  }

  #extra(slot: number): number {
    const [a, b, c, d] = this.#index.ids.subarray(4 * slot, 4 * slot + 4) as unknown as [number, number, number, number]
    const fresh = this.#index.extra(a, b, c, d)
    this.#first.copy(slot, fresh)
    this.#last.copy(slot, fresh)
    return fresh
  }

  #fold(name: string, type: string, fold: 'min' | 'max', dictionaries: Dictionaries): Fold {
    if (name === 'first_event_at') return this.#first
    if (name === 'last_event_at') return this.#last
    if (type.startsWith('Array(')) return new ListFold(() => makeColumn(type, name, dictionaries) as ListColumn)
    if (type.includes('UUID')) return new UuidFold()
    if (type.startsWith('LowCardinality('))
      return new ChoiceFold(() => makeColumn(type, dictionaryOf(name), dictionaries) as ChoiceColumn)
    if (type.includes('String')) return new TextFold(type !== 'String')
    return type === 'Int32' ? new IntFold() : new NumberFold(type, fold)
  }
}
