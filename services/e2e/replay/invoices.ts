import type { Row } from './rows.ts'

/** A line of a checkout: one product at one price. */
export interface InvoiceLine {
  readonly sku: string
  readonly name: string
  readonly quantity: number
  readonly priceMinor: number
}

/** What one customer bought under one invoice number: becomes one checkout. */
export interface Invoice {
  readonly invoice: string
  readonly customer: string
  readonly country: string
  readonly at: number
  readonly rows: number
  readonly lines: readonly InvoiceLine[]
}

/** Gathers rows into one invoice per number and customer, in date order; the file's order breaks ties. */
export function toInvoices(rows: readonly Row[]): Invoice[] {
  const groups = new Map<string, [Row, ...Row[]]>()
  for (const row of rows) {
    const key = JSON.stringify([row.invoice, row.customer])
    const group = groups.get(key)
    if (group) group.push(row)
    else groups.set(key, [row])
  }
  const names = firstNames(rows)
  return [...groups.values()].map((group) => toInvoice(group, names)).sort((a, b) => a.at - b.at)
}

function toInvoice(group: readonly [Row, ...Row[]], names: ReadonlyMap<string, string>): Invoice {
  const [first] = group
  const at = group.reduce((earliest, row) => Math.min(earliest, row.at), first.at)
  return {
    invoice: first.invoice,
    customer: first.customer,
    country: first.country,
    at,
    rows: group.length,
    lines: toLines(group, names),
  }
}

/**
 * Adds up repeated lines. A product has one price at a time, so a second price of the same product within one invoice becomes a
 * product of its own, named after its price.
 */
function toLines(group: readonly Row[], names: ReadonlyMap<string, string>): InvoiceLine[] {
  const lines = new Map<string, InvoiceLine>()
  const listPrice = new Map<string, number>()
  for (const { stockCode, priceMinor, quantity } of group) {
    if (!listPrice.has(stockCode)) listPrice.set(stockCode, priceMinor)
    const sku = listPrice.get(stockCode) === priceMinor ? stockCode : `${stockCode}@${priceMinor}`
    const before = lines.get(sku)?.quantity ?? 0
    lines.set(sku, { sku, name: names.get(stockCode) ?? stockCode, quantity: before + quantity, priceMinor })
  }
  return [...lines.values()]
}

function firstNames(rows: readonly Row[]): Map<string, string> {
  const names = new Map<string, string>()
  for (const { stockCode, description } of rows)
    if (description !== '' && !names.has(stockCode)) names.set(stockCode, description)
  return names
}

/** How many units of each product the invoices sell in all. */
export function unitsBySku(invoices: readonly Invoice[]): Map<string, number> {
  const units = new Map<string, number>()
  for (const { lines } of invoices)
    for (const { sku, quantity } of lines) units.set(sku, (units.get(sku) ?? 0) + quantity)
  return units
}
