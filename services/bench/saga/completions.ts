import { pause } from '#pipelines/kernel/lifecycle.ts'
import type { Sql } from '../../e2e/rest/sql.ts'

export interface Completed {
  /** The orders that ClickHouse has as Paid, once each: an event that was sent again counts once. */
  readonly paid: ReadonlySet<string>
  /** Epoch milliseconds at which the last Paid was in ClickHouse. */
  readonly lastSeenAt: number
}

const ASK_EVERY_MS = 2_000

/**
 * Waits until all these orders are Paid in ClickHouse, or nothing has moved for `stillMs`. `prefix` is how their customers' names begin;
 * an order whose checkout got no answer is among the Paid ones, too.
 */
export async function untilCompleted(
  sql: Sql,
  prefix: string,
  accepted: readonly string[],
  stillMs = 60_000,
): Promise<Completed> {
  let seen = 0
  let movedAt = performance.now()
  while (performance.now() - movedAt < stillMs) {
    const paid = await countPaid(sql, prefix)
    if (paid >= accepted.length) {
      const completed = await completedIn(sql, prefix)
      if (accepted.every((orderId) => completed.paid.has(orderId))) return completed
    }
    if (paid !== seen) movedAt = performance.now()
    seen = paid
    await pause(ASK_EVERY_MS)
  }
  return completedIn(sql, prefix)
}

async function countPaid(sql: Sql, prefix: string): Promise<number> {
  const [row] = await sql.query<{ paid: number }>(
    `select toUInt32(uniqExact(order_id)) as paid from eshop.order_status_changed_to_paid where startsWith(customer_id, '${prefix}')`,
  )
  return row?.paid ?? 0
}

async function completedIn(sql: Sql, prefix: string): Promise<Completed> {
  const rows = await sql.query<{ orderId: string; seenAt: string }>(
    `select toString(order_id) as orderId, toString(toUnixTimestamp64Milli(min(ingested_at))) as seenAt
     from eshop.order_status_changed_to_paid where startsWith(customer_id, '${prefix}') group by order_id`,
  )
  return {
    paid: new Set(rows.map(({ orderId }) => orderId)),
    lastSeenAt: rows.reduce((last, { seenAt }) => Math.max(last, Number(seenAt)), 0),
  }
}
