import type { Tx } from '#pipelines/kernel/database.ts'
import { epochMs } from './columns.ts'

/** An order whose grace period is over, locked. */
export interface GraceOver {
  readonly orderId: string
  /** Of the order's last step, which is Submitted. */
  readonly version: number
  /** Length of the grace period that the order was promised, milliseconds. */
  readonly graceMs: number
}

/**
 * Marks up to `limit` Submitted orders whose grace period is over by the database's clock, longest over first, and answers them. Each
 * is locked and its status checked under the lock; what another instance or a customer's cancellation holds is left to the next run,
 * so no order is marked twice and nobody waits.
 */
export async function takeGraceOver(tx: Tx, limit: number): Promise<readonly GraceOver[]> {
  return tx.query<{ orderId: string; version: number; graceMs: number }>(
    `with due as (
       select order_id from orders
       where status = 'Submitted' and grace_confirmed_at is null and grace_ends_at <= now()
       order by grace_ends_at
       limit $1
       for update skip locked
     )
     update orders o set grace_confirmed_at = now()
     from due where o.order_id = due.order_id
     returning o.order_id as "orderId", o.version, ${epochMs('o.grace_ends_at')} - ${epochMs('o.submitted_at')} as "graceMs"`,
    [limit],
  )
}
