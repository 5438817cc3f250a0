import type { Audited } from '../books/audit.ts'
import type { Material } from '../books/material.ts'
import { type Spread, spread } from '../percentiles.ts'
import { cancelReasonOf, type OrderView } from '../rest/views.ts'
import type { Visit } from './session.ts'

/** What became of a run of traffic. */
export interface Verdict {
  readonly visits: number
  readonly accepted: number
  readonly abandoned: number
  /** Visits that ended with a problem, by its code. */
  readonly refused: Readonly<Record<string, number>>
  /** Visits without an answer in spite of all repeats, by why. */
  readonly unknown: Readonly<Record<string, number>>
  /** Orders by state; `Cancelled (CUSTOMER)` and so on; `not final: …` for what is still on its way. */
  readonly orders: Readonly<Record<string, number>>
  /** From sending a checkout to its 202. Milliseconds. */
  readonly checkoutMs: Spread
  /** From a checkout's 202 to the order's Paid. Milliseconds. */
  readonly toPaidMs: Spread
  readonly checks: readonly Audited[]
  readonly ok: boolean
}

export function verdictOf(visits: readonly Visit[], material: Material, checks: readonly Audited[]): Verdict {
  const accepted = visits.filter((visit) => visit.end === 'accepted')
  return {
    visits: visits.length,
    accepted: accepted.length,
    abandoned: visits.filter(({ end }) => end === 'abandoned').length,
    refused: tally(visits.flatMap((visit) => (visit.end === 'refused' ? [visit.code] : []))),
    unknown: tally(visits.flatMap((visit) => (visit.end === 'unknown' ? [visit.why] : []))),
    orders: tally(
      [...new Set([...accepted.map(({ orderId }) => orderId), ...material.orders.keys()])].map((orderId) =>
        stateOf(material.orders.get(orderId)),
      ),
    ),
    checkoutMs: spread(accepted.map(({ checkoutMs }) => checkoutMs)),
    toPaidMs: spread(accepted.flatMap(({ orderId, acceptedAt }) => toPaid(material.orders.get(orderId), acceptedAt))),
    checks,
    ok: checks.every(({ findings }) => findings.length === 0),
  }
}

/** How a table names where an order stands. */
export function stateOf(order: OrderView | undefined): string {
  if (!order) return 'not final: unknown to ordering'
  switch (order.status) {
    case 'Paid':
    case 'Shipped':
      return order.status
    case 'Cancelled':
      return `Cancelled (${cancelReasonOf(order) ?? 'no reason'})`
    default:
      return `not final: ${order.status}`
  }
}

function toPaid(order: OrderView | undefined, acceptedAt: number): number[] {
  const paid = order?.timeline.find(({ status }) => status === 'Paid')
  return paid ? [Math.max(0, Date.parse(paid.at) - acceptedAt)] : []
}

/** How often each text occurs, most frequent first. */
export function tally(texts: readonly string[]): Record<string, number> {
  const counts = new Map<string, number>()
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1)
  return Object.fromEntries([...counts].sort(([a, x], [b, y]) => y - x || a.localeCompare(b)))
}
