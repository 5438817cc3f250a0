import type { OrderView } from '../rest/views.ts'
import { isFinal } from '../settle.ts'
import { stateOf, tally } from '../traffic/verdict.ts'
import type { Invoice } from './invoices.ts'
import type { Accepted } from './progress.ts'
import type { History } from './rows.ts'

/** The same sums from three sides. */
export interface Side {
  readonly orders: number
  readonly units: number
  readonly totalMinor: number
}

/** An order as ClickHouse has it. */
export interface AnalyticsSide {
  readonly orderId: string
  readonly unitCount: string
  readonly totalMinor: string | null
}

/** What became of a replay. */
export interface Outcome {
  readonly rows: { readonly read: number; readonly played: number }
  readonly refusedRows: readonly {
    readonly reason: string
    readonly count: number
    readonly lines: readonly number[]
  }[]
  readonly invoices: number
  /** Orders that were accepted before this run and only asked for again. */
  readonly again: number
  /** Invoices the shop refused, by the problem's code. */
  readonly refusedInvoices: readonly { readonly code: string; readonly invoices: readonly string[] }[]
  readonly orders: Readonly<Record<string, number>>
  readonly file: Side
  readonly accepted: Side
  readonly analytics: Side
  readonly faults: readonly string[]
  readonly currency: string
}

export interface Ended {
  readonly history: History
  readonly invoices: readonly Invoice[]
  readonly accepted: ReadonlyMap<Invoice, Accepted>
  readonly refused: ReadonlyMap<Invoice, string>
  readonly again: number
  readonly orders: ReadonlyMap<string, OrderView>
  readonly analytics: readonly AnalyticsSide[]
  readonly currency: string
}

const LINES_SHOWN = 10

export function outcomeOf(ended: Ended): Outcome {
  const { history, invoices, accepted, refused, again, orders, analytics, currency } = ended
  const refusedRows = [...history.refused].map(([reason, lines]) => ({
    reason,
    count: lines.length,
    lines: lines.slice(0, LINES_SHOWN),
  }))
  return {
    rows: { read: history.read, played: history.rows.length },
    refusedRows,
    invoices: invoices.length,
    again,
    refusedInvoices: [...Map.groupBy(refused.entries(), ([, code]) => code)].map(([code, entries]) => ({
      code,
      invoices: entries.map(([{ invoice }]) => invoice),
    })),
    orders: tally([...accepted.values()].map(({ orderId }) => stateOf(orders.get(orderId)))),
    file: fileSide(invoices),
    accepted: sumOf([...accepted.values()]),
    analytics: sumOf(
      analytics.map(({ unitCount, totalMinor }) => ({ units: Number(unitCount), totalMinor: Number(totalMinor) })),
    ),
    faults: faultsOf(ended),
    currency,
  }
}

function fileSide(invoices: readonly Invoice[]): Side {
  const lines = invoices.flatMap((invoice) => invoice.lines)
  return {
    orders: invoices.length,
    units: lines.reduce((sum, { quantity }) => sum + quantity, 0),
    totalMinor: lines.reduce((sum, { quantity, priceMinor }) => sum + quantity * priceMinor, 0),
  }
}

function sumOf(parts: readonly { units: number; totalMinor: number }[]): Side {
  return {
    orders: parts.length,
    units: parts.reduce((sum, { units }) => sum + units, 0),
    totalMinor: parts.reduce((sum, { totalMinor }) => sum + totalMinor, 0),
  }
}

/** What must not be: two invoices with one order, an invoice that was accepted otherwise than it stands in the file, a lost order. */
function faultsOf({ accepted, orders, analytics }: Ended): string[] {
  const rows = Map.groupBy(analytics, ({ orderId }) => orderId)
  const seen = new Set<string>()
  return [...accepted].flatMap(([invoice, { orderId, units, totalMinor }]) => {
    const faults: string[] = []
    const file = fileSide([invoice])
    if (seen.has(orderId)) faults.push('shares its order with another invoice')
    seen.add(orderId)
    if (units !== file.units || totalMinor !== file.totalMinor)
      faults.push(
        `has ${file.units} units for ${file.totalMinor}, accepted were ${units} for ${totalMinor} (minor units)`,
      )
    if (!isFinal(orders.get(orderId)?.status)) faults.push(`is ${stateOf(orders.get(orderId))}`)
    const [row, ...more] = rows.get(orderId) ?? []
    if (!row) faults.push('is not in ClickHouse')
    else if (Number(row.unitCount) !== units || Number(row.totalMinor) !== totalMinor)
      faults.push(`has ${units} units for ${totalMinor}, in ClickHouse ${row.unitCount} for ${row.totalMinor}`)
    if (more.length > 0) faults.push(`has ${more.length + 1} rows in ClickHouse`)
    return faults.map((fault) => `invoice ${invoice.invoice} (order ${orderId}) ${fault}`)
  })
}
