import { pause } from '#pipelines/kernel/lifecycle.ts'
import type { Sql } from '../../e2e/rest/sql.ts'

export interface Completed {
  /** Orders that ClickHouse has as Paid. */
  readonly paid: number
  /** Orders of the prefix in ClickHouse, whatever their status. */
  readonly known: number
  /** Epoch milliseconds at which the last Paid was in ClickHouse. */
  readonly lastSeenAt: number
}

/** How the orders of customers with this prefix stand in ClickHouse. */
export async function completedIn(sql: Sql, prefix: string): Promise<Completed> {
  const [row] = await sql.query<{ paid: number; known: number; last: string }>(
    `select toUInt32(uniqExactIf(order_id, type = 'paid')) as paid, toUInt32(uniqExact(order_id)) as known,
       toString(toUnixTimestamp64Milli(maxIf(ingested_at, type = 'paid'))) as last
     from (
       select order_id, ingested_at, 'paid' as type from eshop.order_status_changed_to_paid where startsWith(customer_id, '${prefix}')
       union all
       select order_id, ingested_at, 'checkout' as type from eshop.user_checkout_accepted where startsWith(customer_id, '${prefix}')
     )`,
  )
  return { paid: row?.paid ?? 0, known: row?.known ?? 0, lastSeenAt: Number(row?.last ?? 0) }
}

/** Waits until so many orders are Paid in ClickHouse, or nothing has moved for `stillMs`. */
export async function untilCompleted(sql: Sql, prefix: string, orders: number, stillMs = 30_000): Promise<Completed> {
  let last = await completedIn(sql, prefix)
  let movedAt = performance.now()
  while (last.paid < orders && performance.now() - movedAt < stillMs) {
    await pause(1_000)
    const now = await completedIn(sql, prefix)
    if (now.paid !== last.paid) movedAt = performance.now()
    last = now
  }
  return last
}
