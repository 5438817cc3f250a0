import type { Column } from '../columns/column.ts'
import type { RecordRun } from '../source.ts'
import { NotCompilable, type Writer } from './avro-schema.ts'
import { camelCase, shapeOf } from './shape.ts'
import { SourceCode, type Target } from './source-code.ts'
import { wire } from './wire.ts'

/** A field of our version of an event and the column it is stored in. */
export interface StoredField {
  readonly field: string
  readonly column: string
  readonly type: string
  /** What a record has whose writer does not know the field, if not 0, '', NULL or []. */
  readonly missing?: number | string
}

/** Where a decoder stopped. `refusal` 0: at the end, or at a record of another schema. */
export interface Stop {
  /** The record it stopped at. */
  next: number
  row: number
  /** Index into REFUSALS. */
  refusal: number
}

/**
 * Reads records `from` up to `until` of a run as long as they are framed with the schema's id, one row each from `row` on, into columns
 * that have room. A record that is refused leaves no trace.
 */
export type Decode = (
  columns: readonly Column[],
  tables: readonly Int32Array[],
  run: RecordRun,
  from: number,
  until: number,
  row: number,
  stop: Stop,
) => void

export interface Program {
  readonly decode: Decode
  readonly fields: readonly StoredField[]
  /** Symbols of the writer's enums, each with the index of the column they go to, and the part of it. */
  readonly tables: readonly { readonly column: number; readonly part: number; readonly symbols: readonly string[] }[]
  /** Fields that our version of the event does not have, without sensitive ones. */
  readonly unknown: readonly string[]
}

/**
 * Compiles the decoder of one writer's schema (Confluent framing, Avro binary) into columns.
 * @throws NotCompilable
 */
export function compileDecoder(
  id: number,
  writer: Writer,
  fields: readonly StoredField[],
  known: ReadonlySet<string>,
): Program {
  if (writer.kind !== 'record') throw new NotCompilable('what is no record')
  const code = new SourceCode()
  const at = new Map(fields.map(({ field }, i) => [field, i]))
  const target = (i: number): Target => ({
    column: `c${i}`,
    row: 'row',
    shape: shapeOf((fields[i] as StoredField).type, camelCase),
  })
  code.fields(writer.fields, (name) => {
    const i = at.get(name)
    return i === undefined ? undefined : target(i)
  })
  const written = new Set(writer.fields.map(({ name }) => name))
  for (const [i, { field, missing }] of fields.entries()) {
    if (written.has(field)) continue
    const lacking = target(i)
    code.nothing(lacking)
    if (missing !== undefined) setDefault(code, lacking, missing)
  }
  const body = bodyOf(id, code, fields)
  const decode = new Function(
    'wire',
    `return function decode(columns, tables, run, from, until, row, stop) {\n${body}\n}`,
  )(wire)
  return {
    decode: decode as Decode,
    fields,
    tables: code.tables.map(({ column, symbols }) => {
      const [, top, part] = /^c(\d+)(?:\.parts\[(\d+)\])?/.exec(column) ?? []
      return { column: Number(top), part: part === undefined ? -1 : Number(part), symbols }
    }),
    unknown: writer.fields.filter(({ name, sensitive }) => !known.has(name) && !sensitive).map(({ name }) => name),
  }
}

function setDefault(code: SourceCode, { column, shape }: Target, value: number | string) {
  if (shape.kind === 'int' && typeof value === 'number') code.add(`${column}.words[row] = ${value}`)
  else if ((shape.kind === 'long' || shape.kind === 'time') && typeof value === 'number')
    code.add(`${column}.words[2 * row] = ${value} | 0; ${column}.words[2 * row + 1] = ${Math.floor(value / 2 ** 32)}`)
  else if (shape.kind === 'choice' && typeof value === 'string')
    code.add(`${column}.ids[row] = ${column}.dictionary.idOf(${JSON.stringify(value)})`)
  else throw new NotCompilable(`the default ${JSON.stringify(value)}`)
}

/** The loop around the fields: framing before, the proof that the record ended where it should after, and its undoing if not. */
function bodyOf(id: number, code: SourceCode, fields: readonly StoredField[]): string {
  const texts = fields.flatMap(({ type }, i) => textsOf(`c${i}`, type))
  return [
    ...fields.map((_field, i) => `const c${i} = columns[${i}]`),
    'const b = run.bytes, starts = run.starts, ends = run.ends',
    'let i = from, bad = 0, v = 0, k = 0, p = 0, e = 0',
    ...code.lists.map(({ count }) => `let ${count} = 0`),
    'for (; i < until; i++) {',
    'p = starts[i]; e = ends[i]',
    `if (e - p < 5 || b[p] !== 0 || ((b[p + 1] << 24) | (b[p + 2] << 16) | (b[p + 3] << 8) | b[p + 4]) !== ${id | 0}) break`,
    'p += 5',
    ...texts.map((text, i) => `const t${i} = ${text}.end`),
    'L: {',
    ...code.lines,
    '}',
    'if (bad === 0 && p !== e) bad = p > e ? 2 : 3',
    'if (bad !== 0) {',
    ...texts.map((text, i) => `${text}.end = t${i}`),
    'break }',
    ...code.lists.map(({ column, count }) => `${column}.elements = ${count}`),
    'row++',
    '}',
    'stop.next = i; stop.row = row; stop.refusal = bad',
  ].join('\n')
}

/** The text columns within a column, whose ends move while a record is read. */
function textsOf(column: string, type: string): string[] {
  const shape = shapeOf(type)
  if (shape.kind === 'text') return [column]
  if (shape.kind === 'nullable') return shape.inner.kind === 'text' ? [`${column}.inner`] : []
  if (shape.kind !== 'list') return []
  return shape.parts.flatMap(({ shape: own }, i) => {
    const part = `${column}.parts[${i}].column`
    if (own.kind === 'text') return [part]
    return own.kind === 'nullable' && own.inner.kind === 'text' ? [`${part}.inner`] : []
  })
}
