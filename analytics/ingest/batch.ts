import type { EventType } from '#schemas/generated/events.ts'
import { Dictionaries } from './columns/make-column.ts'
import { Out } from './columns/out.ts'
import { deadLetterRow } from './dead-letter.ts'
import type { Program, Stop } from './decode/compile.ts'
import { OrderRows } from './join/order-rows.ts'
import { type Place, placeKey, type RecordRun } from './source.ts'
import { TopicRows } from './topic-rows.ts'

/** Dictionaries of more values than this begin anew with the next flush. */
const MOST_VALUES = 2_000

/** What one flush writes, as it goes over the wire. */
export interface Sealed {
  readonly rows: number
  readonly deadRows: number
  readonly orderRows: number
  readonly dead: Buffer | undefined
  readonly orders: readonly Buffer[]
  readonly events: readonly Buffer[]
  /** The next offset of each place in it. */
  readonly next: ReadonlyMap<string, number>
  /** Milliseconds: when its oldest record was recorded. */
  readonly oldest: number
  readonly bytes: number
}

/** Rows that wait for the next flush, as columns. Used again and again: `clear` keeps the memory. */
export class Batch {
  rows = 0
  /** Bytes of the records in it, as they came: what memory is bounded by. */
  bytes = 0
  oldest = Number.POSITIVE_INFINITY
  /** When the first of them came; undefined while empty. */
  since: number | undefined
  readonly #dictionaries = new Dictionaries()
  readonly #orders = new OrderRows(this.#dictionaries)
  readonly #join: boolean
  readonly #topics = new Map<string, TopicRows>()
  readonly #next = new Map<string, number>()
  readonly #dead: string[] = []

  constructor(join = true) {
    this.#join = join
  }

  decode(place: Place, program: Program, type: EventType, run: RecordRun, from: number, now: number): Stop {
    const stop = this.#topic(place.topic).decode(program, type, run, from, run.count, place.partition)
    this.#took(place, run, from, stop.next, now)
    return stop
  }

  unknown({ topic }: Place, row: number, json: string): void {
    this.#topic(topic).unknown(row, json)
  }

  dead(place: Place, run: RecordRun, index: number, error: unknown, now: number): void {
    const row = deadLetterRow(place, run.record(index), error)
    this.#dead.push(row)
    this.bytes += row.length
    this.#topic(place.topic).dead(run, index, place.partition)
    this.#took(place, run, index, index + 1, now)
  }

  /** The blocks to send. They stay good, and nothing may be added, until `clear`. */
  seal(): Sealed {
    const events = new Out()
    for (const rows of this.#topics.values()) rows.write(events)
    const orders = new Out()
    this.#orders.write(orders)
    return {
      rows: this.rows,
      deadRows: this.#dead.length,
      orderRows: this.#orders.count,
      dead: this.#dead.length > 0 ? Buffer.from(this.#dead.join('\n')) : undefined,
      orders: orders.done(),
      events: events.done(),
      next: new Map(this.#next),
      oldest: this.oldest,
      bytes: events.bytes + orders.bytes,
    }
  }

  clear(): void {
    this.rows = 0
    this.bytes = 0
    this.oldest = Number.POSITIVE_INFINITY
    this.since = undefined
    for (const rows of this.#topics.values()) rows.clear()
    this.#orders.clear()
    this.#next.clear()
    this.#dead.length = 0
    this.#dictionaries.trim(MOST_VALUES)
  }

  #took(place: Place, run: RecordRun, from: number, next: number, now: number) {
    if (next === from) return
    this.since ??= now
    this.rows += next - from
    this.#next.set(placeKey(place), (run.offsets[next - 1] as number) + 1)
    for (let i = from; i < next; i++) {
      this.bytes += (run.ends[i] as number) - (run.starts[i] as number)
      const told = run.timestamps[i] as number
      if (told < this.oldest) this.oldest = told
    }
  }

  #topic(name: string): TopicRows {
    let rows = this.#topics.get(name)
    if (!rows) {
      rows = new TopicRows(name, this.#dictionaries, this.#join ? this.#orders : undefined)
      this.#topics.set(name, rows)
    }
    return rows
  }
}
