import type { ShopEvent } from '#schemas/generated/events.ts'
import { type OrderPatch, orderPatchOf } from './order-patch.ts'

/** A column is the earliest of what the events say for times but the last, and the greatest for all else. */
const earliest = (column: string) => column.endsWith('_at') && column !== 'last_event_at'

/** The rows of the published view that events in any order make, folded one by one in JavaScript: columns that no event named are left out. */
export function foldOrders(events: Iterable<ShopEvent>): Map<string, OrderPatch> {
  const orders = new Map<string, Record<string, unknown>>()
  for (const event of events) {
    const patch = orderPatchOf(event)
    if (!patch) continue
    const id = String(patch.order_id)
    const row = orders.get(id) ?? {}
    orders.set(id, row)
    for (const [column, value] of Object.entries(patch)) {
      if (value === null || value === undefined) continue
      const had = row[column]
      const sooner = had !== undefined && compare(value, had) < 0
      if (had === undefined || sooner === earliest(column)) row[column] = value
    }
  }
  return new Map([...orders].map(([id, row]) => [id, shown(row)]))
}

/** As ClickHouse orders them: numbers by size, text by its bytes, tuples and arrays by their first difference. */
function compare(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  if (typeof a === 'string' && typeof b === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b))
  const [left, right] = [Object.values(a as object), Object.values(b as object)]
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const difference = compare(left[i], right[i])
    if (difference !== 0) return difference
  }
  return left.length - right.length
}

function shown(row: Readonly<Record<string, unknown>>): OrderPatch {
  const has = (column: string) => row[column] !== undefined
  const items = (row.items ?? []) as readonly { quantity: number }[]
  const times = Object.entries(row).filter(([column]) => column.endsWith('_at'))
  return {
    ...row,
    ...Object.fromEntries(times.map(([column, seconds]) => [column, timeText(Number(seconds) * 1000)])),
    item_count: items.length,
    unit_count: items.reduce((sum, { quantity }) => sum + quantity, 0),
    status: statusOf(has),
    payment_outcome: outcomeOf(has),
  }
}

function statusOf(has: (column: string) => boolean): string {
  if (has('shipped_at')) return 'Shipped'
  if (has('cancelled_at')) return 'Cancelled'
  if (has('paid_at')) return 'Paid'
  if (has('stock_confirmed_at')) return 'StockConfirmed'
  if (has('awaiting_validation_at')) return 'AwaitingValidation'
  return has('submitted_at') || has('started_at') ? 'Submitted' : 'CheckedOut'
}

function outcomeOf(has: (column: string) => boolean): string {
  if (has('payment_refunded_at')) return 'Refunded'
  if (has('payment_succeeded_at')) return 'Succeeded'
  return has('payment_failed_at') ? 'Failed' : 'None'
}

/** Milliseconds as ClickHouse shows a DateTime64(3). */
export function timeText(millis: number): string {
  return new Date(Math.round(millis)).toISOString().replace('T', ' ').slice(0, -1)
}
