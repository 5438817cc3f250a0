import { UsageError } from '#pipelines/kernel/errors.ts'
import { parseMinor } from '#pipelines/kernel/money.ts'

/** The columns of the online-retail data sets, with the names their later editions use. The same as `eshop replay` reads. */
const NAMES = {
  invoice: ['invoiceno', 'invoice'],
  stockCode: ['stockcode'],
  description: ['description'],
  quantity: ['quantity'],
  date: ['invoicedate'],
  price: ['unitprice', 'price'],
  customer: ['customerid'],
  country: ['country'],
} as const

export type Columns = Readonly<Record<keyof typeof NAMES, number>>

/** @throws UsageError `CSV_COLUMNS` naming every column that is missing */
export function columnsOf(header: readonly string[]): Columns {
  const seen = header.map((name) => name.replace(/[\s_]/g, '').toLowerCase())
  const found = Object.entries(NAMES).map(
    ([column, names]) => [column, seen.findIndex((name) => (names as readonly string[]).includes(name))] as const,
  )
  const missing = found.filter(([, at]) => at < 0).map(([column]) => NAMES[column as keyof typeof NAMES][0])
  if (missing.length > 0)
    throw new UsageError(
      'CSV_COLUMNS',
      `the file has no column ${missing.join(', ')}: its first line must name InvoiceNo, StockCode, Description, Quantity, InvoiceDate, UnitPrice, CustomerID, Country`,
    )
  return Object.fromEntries(found) as Columns
}

/** Invoice, customer, SKU, name, quantity, unit price in minor units, currency, time, country. */
export type Line = readonly [string, string, string, string, number, number, string, string, string]

/** Why a line is no sale: what is counted, in these words. */
export type Refusal =
  | 'without an invoice or a product'
  | 'returned'
  | 'without a customer'
  | 'with a quantity that is none'
  | 'with a price that is none'
  | 'with a date that cannot be read'

/** A sold line of the history, or why it is none. */
export function lineOf(
  record: readonly string[],
  columns: Columns,
  { currency, dayFirst }: { readonly currency: string; readonly dayFirst: boolean },
): Line | Refusal {
  const cell = (column: keyof Columns) => (record[columns[column]] ?? '').trim()
  const [invoice, sku, quantity] = [cell('invoice'), cell('stockCode'), Number(cell('quantity') || Number.NaN)]
  const customer = cell('customer').replace(/\.0$/, '')
  if (invoice === '' || sku === '') return 'without an invoice or a product'
  if (/^c/i.test(invoice) || quantity < 0) return 'returned'
  if (customer === '') return 'without a customer'
  if (!Number.isSafeInteger(quantity) || quantity === 0 || quantity >= 2 ** 31) return 'with a quantity that is none'
  const price = minorOf(cell('price'), currency)
  if (price === undefined) return 'with a price that is none'
  const at = timeOf(cell('date'), dayFirst)
  if (at === undefined) return 'with a date that cannot be read'
  return [invoice, customer, sku, cell('description'), quantity, price, currency, at, cell('country')]
}

function minorOf(text: string, currency: string): number | undefined {
  try {
    const minor = parseMinor(text.includes('.') ? text.replace(/\.?0+$/, '') : text, currency)
    return minor > 0 ? minor : undefined
  } catch {
    return undefined
  }
}

const SLASHED = /^(\d{1,2})[/.](\d{1,2})[/.](\d{2}|\d{4})(?:[ T](\d{1,2}):(\d{2})(?::(\d{2}))?)?$/
const ISO = /^(\d{4})-(\d{2})-(\d{2})(?:[ T](\d{2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?Z?)?$/

/** `12/1/2010 8:26` (month first unless `dayFirst`) or ISO 8601, as UTC; nothing for a day that does not exist. */
export function timeOf(text: string, dayFirst: boolean): string | undefined {
  const iso = ISO.exec(text)
  const slashed = iso ? undefined : SLASHED.exec(text)
  const parts = iso
    ? [iso[1], iso[2], iso[3], ...iso.slice(4)]
    : slashed
      ? [
          slashed[3]?.length === 2 ? `20${slashed[3]}` : slashed[3],
          dayFirst ? slashed[2] : slashed[1],
          dayFirst ? slashed[1] : slashed[2],
          ...slashed.slice(4),
        ]
      : undefined
  if (!parts) return undefined
  const [year, month, day, hours, minutes, seconds] = parts.map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  const at = new Date(Date.UTC(year, month - 1, day, hours, minutes, seconds))
  const real = at.getUTCMonth() === month - 1 && at.getUTCDate() === day && hours < 24 && minutes < 60 && seconds < 60
  return real ? at.toISOString().replace('T', ' ').replace('Z', '') : undefined
}
