import { type Chance, seeded } from '#pipelines/kernel/chance.ts'
import { formatMinor } from '#pipelines/kernel/money.ts'
import type { Refusal } from '../rows.ts'

/** A made-up history in the form of the online-retail data sets, and what a reader must find in it. */
export interface SyntheticRetail {
  readonly csv: string
  readonly expected: {
    readonly rows: number
    readonly invoices: number
    readonly units: number
    readonly totalMinor: number
    readonly refused: Readonly<Partial<Record<Refusal, number>>>
  }
}

const HEADER = 'Country,InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Warehouse'
const COUNTRIES = ['United Kingdom', 'France', 'EIRE', 'Channel Islands'] as const

interface SpoiledCell {
  readonly reason: Refusal
  readonly spoil: (row: Cells) => Cells
}
interface Cells {
  readonly country: string
  readonly invoice: string
  readonly code: string
  readonly description: string
  readonly quantity: string
  readonly date: string
  readonly price: string
  readonly customer: string
}

const SPOILED: readonly SpoiledCell[] = [
  { reason: 'return', spoil: (row) => ({ ...row, invoice: `C${row.invoice}`, quantity: `-${row.quantity}` }) },
  { reason: 'no-customer', spoil: (row) => ({ ...row, customer: '' }) },
  { reason: 'bad-quantity', spoil: (row) => ({ ...row, quantity: 'many' }) },
  { reason: 'bad-price', spoil: (row) => ({ ...row, price: '0.0' }) },
  { reason: 'bad-date', spoil: (row) => ({ ...row, date: '13/32/2011 9:00' }) },
  { reason: 'incomplete', spoil: (row) => ({ ...row, code: '' }) },
]

/**
 * Customers come back, products change their prices from invoice to invoice and sometimes within one, and about one row in eight
 * cannot be played. `tag` keeps invoices and products apart from those of another file in the same shop.
 */
export function syntheticRetail({
  seed,
  invoices,
  tag,
}: {
  readonly seed: number
  readonly invoices: number
  readonly tag: string
}): SyntheticRetail {
  const chance = seeded(seed)
  const lines: string[] = []
  const refused: Partial<Record<Refusal, number>> = {}
  let units = 0
  let totalMinor = 0
  for (let number = 0; number < invoices; number++) {
    const invoice = `${tag}${536_000 + number}`
    const date = dateOf(number)
    const customer = `${tag}${chance.between(12_346, 12_346 + Math.ceil(invoices / 3))}`
    const country = chance.pick(COUNTRIES)
    for (let line = chance.between(1, 6); line > 0; line--) {
      const product = chance.between(1, 12)
      const priceMinor = product * 50 + chance.between(0, 2) * 10
      const quantity = chance.between(1, 12)
      const cells: Cells = {
        country,
        invoice,
        code: `${tag}${22_000 + product}`,
        description: `"HOLDER, ""No ${product}"""`,
        quantity: String(quantity),
        date,
        price: formatMinor(priceMinor, 'GBP'),
        customer,
      }
      lines.push(textOf(cells))
      units += quantity
      totalMinor += quantity * priceMinor
      if (chance.next() < 0.125) lines.push(textOf(spoiled(cells, chance, refused)))
    }
  }
  return {
    csv: `${[HEADER, ...lines].join('\r\n')}\r\n`,
    expected: { rows: lines.length, invoices, units, totalMinor, refused },
  }
}

function spoiled(cells: Cells, chance: Chance, refused: Partial<Record<Refusal, number>>): Cells {
  const { reason, spoil } = chance.pick(SPOILED)
  refused[reason] = (refused[reason] ?? 0) + 1
  return spoil(cells)
}

/** Month first, hours without a leading zero, one invoice every 17 minutes. */
function dateOf(number: number): string {
  const at = new Date(Date.UTC(2010, 11, 1, 8, 26) + number * 17 * 60_000)
  const minutes = String(at.getUTCMinutes()).padStart(2, '0')
  return `${at.getUTCMonth() + 1}/${at.getUTCDate()}/${at.getUTCFullYear()} ${at.getUTCHours()}:${minutes}`
}

function textOf({ country, invoice, code, description, quantity, date, price, customer }: Cells): string {
  return [country, invoice, code, description, quantity, date, price, customer, 'W1'].join(',')
}
