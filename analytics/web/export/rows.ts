import type { Column } from '../data/columns.ts'
import { decimalOf } from '../format/money.ts'
import { isoLocal } from '../format/time.ts'

/** What a table shows: these rows, of these columns, in this order. */
export interface Shown {
  readonly columns: readonly Column[]
  readonly rows: readonly (readonly unknown[])[]
  /** Of amounts in rows without a currency of their own. */
  readonly currency: string
}

/** A spreadsheet runs what begins so; blanks before it do not stop every one, and some take the wide forms too. */
const FORMULA = /^\s*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]|^[\t\r]/

/**
 * The rows as CSV (RFC 4180) for people's spreadsheets: amounts as decimal numbers of their currency, times in ISO 8601 with the offset of this time zone. Text
 * that a spreadsheet would run as a formula gets an apostrophe in front (OWASP, CSV injection); numbers stay numbers, negative ones too.
 */
export function toCsv({ columns, rows, currency }: Shown): string {
  const header = columns.map((column) => quoted(safeText(fieldName(column))))
  const own = columns.find(({ name }) => name === 'currency')
  const lines = rows.map((row) => {
    const of = own ? String(row[own.index] ?? '') : currency
    return columns.map((column) => quoted(csvCell(column, row[column.index], of)))
  })
  return [header, ...lines].map((cells) => `${cells.join(',')}\r\n`).join('')
}

function csvCell({ kind }: Column, value: unknown, currency: string): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'object') return safeText(JSON.stringify(value))
  if (kind === 'time') return timeOf(value)
  if (kind === 'money') return decimalOf(value as number | string, currency)
  // 64-bit integers come as text that is only digits; anything else that is text may be a formula.
  if (typeof value !== 'string' || (kind !== 'text' && kind !== 'order' && /^-?\d+(\.\d+)?$/.test(value)))
    return String(value)
  return safeText(value)
}

function safeText(text: string): string {
  return FORMULA.test(text) ? `'${text}` : text
}

function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell
}

/** An array of objects. Amounts are `{amount, currency}` as REST has them: a decimal string loses nothing. */
export function toJson({ columns, rows, currency }: Shown): string {
  const own = columns.find(({ name }) => name === 'currency')
  const objects = rows.map((row) => {
    const of = own ? String(row[own.index] ?? '') : currency
    return Object.fromEntries(columns.map((column) => [fieldName(column), jsonCell(column, row[column.index], of)]))
  })
  return `${JSON.stringify(objects, null, 2)}\n`
}

function jsonCell({ kind }: Column, value: unknown, currency: string): unknown {
  if (value === null || value === undefined) return null
  if (kind === 'time') return timeOf(value)
  if (kind === 'money') return { amount: decimalOf(value as number | string, currency), currency }
  return value
}

/** Amounts are no minor units any more once exported. */
function fieldName({ name, kind }: Column): string {
  return kind === 'money' ? name.replace(/_minor$/, '') : name
}

function timeOf(value: unknown): string {
  const ms = Date.parse(String(value))
  return Number.isNaN(ms) ? String(value) : isoLocal(ms)
}
