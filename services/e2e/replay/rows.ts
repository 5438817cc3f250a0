import { isUtf8 } from 'node:buffer'
import { readFile } from 'node:fs/promises'
import { parse } from 'csv-parse/sync'
import { messageOf, UsageError } from '#pipelines/kernel/errors.ts'
import { parseMinor } from '#pipelines/kernel/money.ts'
import { type Columns, findColumns } from './columns.ts'

/** Why a row is not played. Every refused row is counted under one of these. */
export const REFUSALS = {
  return: 'return (negative quantity, or an invoice number that begins with C)',
  'no-customer': 'no customer',
  'bad-quantity': 'quantity is not a whole number above 0',
  'bad-price': 'price is not an amount above 0 in the currency',
  'bad-date': 'date cannot be read',
  incomplete: 'no invoice number or stock code',
  'too-many': 'quantity above what the shop sells in one line',
} as const
export type Refusal = keyof typeof REFUSALS

/** One sold line of the history. */
export interface Row {
  readonly line: number
  readonly invoice: string
  readonly customer: string
  readonly stockCode: string
  readonly description: string
  readonly quantity: number
  readonly priceMinor: number
  /** Milliseconds since the epoch, the file's times read as UTC. */
  readonly at: number
  readonly country: string
}

export interface History {
  readonly read: number
  readonly rows: readonly Row[]
  /** Line numbers of the file by reason. */
  readonly refused: ReadonlyMap<Refusal, readonly number[]>
}

export interface ReadOptions {
  readonly currency: string
  /** Reads 3/4/2011 as 3 April. The well-known files put the month first. */
  readonly dayFirst: boolean
  /** The most units the shop sells in one line. */
  readonly maxQuantity: number
}

/**
 * Reads a history. UTF-8, or Latin-1 where the bytes are not UTF-8 (as in the best-known copy of the data set).
 * @throws UsageError when the file cannot be read, is not CSV, or lacks a column
 */
export async function readHistory(file: string, options: ReadOptions): Promise<History> {
  const bytes = await readFile(file).catch((error: unknown) => {
    throw new UsageError('CSV_FILE', `cannot read ${file}: ${messageOf(error)}`)
  })
  return parseHistory(bytes, options)
}

interface ParsedRecord {
  readonly record: readonly string[]
  readonly info: { readonly lines: number }
}

export function parseHistory(bytes: Buffer, options: ReadOptions): History {
  const [header, ...records] = parseCsv(bytes)
  if (!header) throw new UsageError('CSV_EMPTY', 'the file is empty')
  const columns = findColumns(header.record)
  const rows: Row[] = []
  const refused = new Map<Refusal, number[]>()
  for (const { record, info } of records) {
    const row = readRow(record, info.lines, columns, options)
    if (typeof row !== 'string') rows.push(row)
    else if (!refused.get(row)?.push(info.lines)) refused.set(row, [info.lines])
  }
  return { read: records.length, rows, refused }
}

function parseCsv(bytes: Buffer): ParsedRecord[] {
  try {
    const text = bytes.toString(isUtf8(bytes) ? 'utf8' : 'latin1')
    return parse(text, {
      bom: true,
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
    }) as unknown as ParsedRecord[]
  } catch (error) {
    throw new UsageError('CSV_BROKEN', `the file is not CSV: ${messageOf(error)}`)
  }
}

function readRow(record: readonly string[], line: number, columns: Columns, options: ReadOptions): Row | Refusal {
  const cell = (column: keyof Columns) => (record[columns[column]] ?? '').trim()
  const invoice = cell('invoice')
  const stockCode = cell('stockCode')
  const quantity = Number(cell('quantity') || Number.NaN)
  if (/^c/i.test(invoice) || quantity < 0) return 'return'
  if (invoice === '' || stockCode === '') return 'incomplete'
  const customer = cell('customer').replace(/\.0$/, '')
  if (customer === '') return 'no-customer'
  if (!Number.isSafeInteger(quantity) || quantity === 0) return 'bad-quantity'
  if (quantity > options.maxQuantity) return 'too-many'
  const priceMinor = readPrice(cell('price'), options.currency)
  if (priceMinor === undefined) return 'bad-price'
  const at = readDate(cell('date'), options.dayFirst)
  if (at === undefined) return 'bad-date'
  return {
    line,
    invoice,
    customer,
    stockCode,
    description: cell('description'),
    quantity,
    priceMinor,
    at,
    country: cell('country'),
  }
}

function readPrice(text: string, currency: string): number | undefined {
  try {
    const minor = parseMinor(text.includes('.') ? text.replace(/\.?0+$/, '') : text, currency)
    return minor > 0 ? minor : undefined
  } catch {
    return undefined
  }
}

const SLASHED = /^(\d{1,2})[/.](\d{1,2})[/.](\d{2}|\d{4})(?:[ T](\d{1,2}):(\d{2})(?::(\d{2}))?)?$/
const ISO = /^(\d{4})-(\d{2})-(\d{2})(?:[ T](\d{2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?Z?)?$/

/** Reads `12/1/2010 8:26` (month first unless `dayFirst`) and ISO 8601. A day that does not exist is no date. */
export function readDate(text: string, dayFirst: boolean): number | undefined {
  const iso = ISO.exec(text)
  if (iso) return utc(iso[1], iso[2], iso[3], iso.slice(4))
  const slashed = SLASHED.exec(text)
  if (!slashed) return undefined
  const [, first, second, year = ''] = slashed
  const [month, day] = dayFirst ? [second, first] : [first, second]
  return utc(year.length === 2 ? `20${year}` : year, month, day, slashed.slice(4))
}

function utc(
  year: string | undefined,
  month: string | undefined,
  day: string | undefined,
  time: readonly (string | undefined)[],
): number | undefined {
  const [hours = 0, minutes = 0, seconds = 0] = time.map((part) => Number(part ?? 0))
  const at = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day), hours, minutes, seconds))
  const real =
    at.getUTCMonth() === Number(month) - 1 &&
    at.getUTCDate() === Number(day) &&
    hours < 24 &&
    minutes < 60 &&
    seconds < 60
  return real ? at.getTime() : undefined
}
