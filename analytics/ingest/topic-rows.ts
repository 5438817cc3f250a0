import type { EventType } from '#schemas/generated/events.ts'
import { ChoiceColumn } from './columns/choice-column.ts'
import { type Column, TextColumn, WordColumn } from './columns/column.ts'
import type { ListColumn } from './columns/list-column.ts'
import { type Dictionaries, makeColumn } from './columns/make-column.ts'
import { writeBlock } from './columns/native.ts'
import type { Out } from './columns/out.ts'
import { DEAD_LETTER } from './dead-letter.ts'
import type { Program, Stop } from './decode/compile.ts'
import type { OrderRows, Sourced } from './join/order-rows.ts'
import type { RecordRun } from './source.ts'

/** A decoder and where it writes in this block. */
interface Bound {
  readonly columns: readonly Column[]
  readonly tables: readonly { ids: Int32Array; version: number }[]
  readonly typeId: number
  readonly sourced: Sourced | undefined
}

const LAST_MILLIS = Date.UTC(2200, 0, 1)

/** The rows of one topic in a flush, as columns of `events`: those that every event has, and those of the events that came. */
export class TopicRows {
  rows = 0
  readonly #topic: string
  readonly #dictionaries: Dictionaries
  readonly #orders: OrderRows | undefined
  readonly #columns = new Map<string, Column>()
  readonly #bound = new Map<Program, Bound>()
  readonly #partition = new WordColumn('Int32', 1)
  readonly #offset = new WordColumn('Int64', 2)
  readonly #type: ChoiceColumn
  readonly #recordedAt = new WordColumn("DateTime64(3, 'UTC')", 2)
  readonly #unknown = new TextColumn()
  readonly #stop: Stop = { next: 0, row: 0, refusal: 0 }

  constructor(topic: string, dictionaries: Dictionaries, orders: OrderRows | undefined) {
    this.#topic = topic
    this.#dictionaries = dictionaries
    this.#orders = orders
    this.#type = new ChoiceColumn(dictionaries.of('type', false))
  }

  /**
   * Adds records of a run from `from` on, as long as the program reads them. Gives back at which record it stopped, and why (an index
   * into REFUSALS).
   */
  decode(program: Program, type: EventType, run: RecordRun, from: number, until: number, partition: number): Stop {
    const bound = this.#bind(program, type)
    const { rows } = this
    for (const column of bound.columns) {
      if (column.rows < rows) column.fill(rows)
      column.reserve(rows + until - from, 0)
    }
    const tables = bound.tables.map((table, i) => this.#symbols(program, bound, table, i))
    program.decode(bound.columns, tables, run, from, until, rows, this.#stop)
    const { next, row } = this.#stop
    for (const column of bound.columns) column.rows = row
    if (row > rows) {
      this.#place(run, from, next, partition, bound.typeId)
      if (bound.sourced) this.#orders?.take(bound.sourced, rows, row - rows)
    }
    return this.#stop
  }

  /** Adds the row of a record that nobody could read. */
  dead(run: RecordRun, index: number, partition: number): void {
    this.#place(run, index, index + 1, partition, this.#type.dictionary.idOf(DEAD_LETTER))
  }

  /** Says of the row that was added last what its record had beyond our version, as JSON. */
  unknown(row: number, json: string): void {
    this.#unknown.fill(row)
    const bytes = Buffer.from(json)
    this.#unknown.push(row, bytes, 0, bytes.length)
    this.#unknown.rows = row + 1
  }

  write(out: Out): void {
    if (this.rows === 0) return
    const topic = new ChoiceColumn(this.#dictionaries.of('topic', false))
    topic.reserve(this.rows)
    topic.ids.fill(topic.dictionary.idOf(this.#topic))
    topic.rows = this.rows
    const columns = [
      { name: 'topic', column: topic },
      { name: 'partition', column: this.#partition },
      { name: 'offset', column: this.#offset },
      { name: 'type', column: this.#type },
      { name: 'recorded_at', column: this.#recordedAt },
      ...[...this.#columns].map(([name, column]) => ({ name, column })),
      ...(this.#unknown.rows > 0 ? [{ name: 'unknown_fields', column: this.#unknown }] : []),
    ]
    for (const { column } of columns) if (column.rows < this.rows) column.fill(this.rows)
    writeBlock(out, columns, this.rows)
  }

  clear(): void {
    this.rows = 0
    for (const column of [this.#partition, this.#offset, this.#type, this.#recordedAt, this.#unknown]) column.clear()
    for (const column of this.#columns.values()) column.clear()
  }

  get bytes(): number {
    let sum = this.rows * 28
    for (const column of this.#columns.values()) sum += column.size
    return sum
  }

  /** What a row has of the log itself. */
  #place(run: RecordRun, from: number, next: number, partition: number, typeId: number) {
    const { rows } = this
    this.rows += next - from
    for (const column of [this.#partition, this.#offset, this.#type, this.#recordedAt]) {
      column.reserve(this.rows)
      column.rows = this.rows
    }
    this.#partition.words.fill(partition, rows, this.rows)
    this.#type.ids.fill(typeId, rows, this.rows)
    for (let i = from; i < next; i++) {
      const at = 2 * (rows + i - from)
      const offset = run.offsets[i] as number
      this.#offset.words[at] = offset | 0
      this.#offset.words[at + 1] = Math.floor(offset / 4294967296)
      const told = run.timestamps[i] as number
      const time = told >= 0 && told < LAST_MILLIS ? told : 0
      this.#recordedAt.words[at] = time | 0
      this.#recordedAt.words[at + 1] = Math.floor(time / 4294967296)
    }
  }

  #bind(program: Program, type: EventType): Bound {
    let bound = this.#bound.get(program)
    if (!bound) {
      const columns = program.fields.map(({ column, type: own }) => this.#column(column, own))
      bound = {
        columns,
        tables: program.tables.map(({ symbols }) => ({ ids: new Int32Array(symbols.length), version: -1 })),
        typeId: 0,
        sourced: this.#orders?.sourced(type, (name) => this.#columns.get(name) as Column),
      }
      this.#bound.set(program, bound)
    }
    // Looked up each time: the dictionary may have been emptied since.
    return { ...bound, typeId: this.#type.dictionary.idOf(type) }
  }

  /** The numbers of an enum's symbols in the dictionary of the column they go to. */
  #symbols(program: Program, bound: Bound, table: { ids: Int32Array; version: number }, i: number): Int32Array {
    const { column: at, part, symbols } = program.tables[i] as Program['tables'][number]
    const top = bound.columns[at] as Column
    const column = part < 0 ? top : ((top as ListColumn).parts[part] as { column: Column }).column
    const { dictionary } = column as ChoiceColumn
    if (table.version !== dictionary.version) {
      for (const [n, symbol] of symbols.entries()) table.ids[n] = dictionary.idOf(symbol)
      table.version = dictionary.version
    }
    return table.ids
  }

  #column(name: string, type: string): Column {
    let column = this.#columns.get(name)
    if (!column) {
      column = makeColumn(type, name, this.#dictionaries)
      this.#columns.set(name, column)
    }
    return column
  }
}
