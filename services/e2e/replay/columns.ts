import { UsageError } from '#pipelines/kernel/errors.ts'

/** The columns of the online-retail data sets, with the names their later editions use. */
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

export type Column = keyof typeof NAMES
export type Columns = Readonly<Record<Column, number>>

/**
 * Finds the columns in a header line; order, capitals, spaces and other columns do not matter.
 * @throws UsageError `CSV_COLUMNS` naming every column that is missing
 */
export function findColumns(header: readonly string[]): Columns {
  const seen = header.map((name) => name.replace(/[\s_]/g, '').toLowerCase())
  const found = Object.entries(NAMES).map(
    ([column, names]) => [column, seen.findIndex((name) => (names as readonly string[]).includes(name))] as const,
  )
  const missing = found.filter(([, index]) => index < 0).map(([column]) => NAMES[column as Column][0])
  if (missing.length > 0) {
    throw new UsageError(
      'CSV_COLUMNS',
      `the file has no column ${missing.join(', ')}: its first line must name InvoiceNo, StockCode, Description, Quantity, InvoiceDate, UnitPrice, CustomerID, Country`,
    )
  }
  return Object.fromEntries(found) as Columns
}
