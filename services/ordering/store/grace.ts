import type { Sql, Tx } from '#pipelines/kernel/database.ts'
import { epochMs } from './columns.ts'

/** An order whose grace period is over, locked. */
export interface GraceOver {
  readonly orderId: string
  /** Of the order's last step, which is Submitted. */
  readonly version: number
  /** Length of the grace period that the order was promised, milliseconds. */
  readonly graceMs: number
  /** Of the checkout that made the order. */
  readonly correlationId: string | null
}

const OVER = `status = 'Submitted' and grace_confirmed_at is null and grace_ends_at <= now()`

/** Whether there is anything to do. One look into a small index. */
export async function isAnyGraceOver(sql: Sql): Promise<boolean> {
  const [row] = await sql.query<{ any: boolean }>(`select exists (select from orders where ${OVER}) as any`)
  return row?.any === true
}

/**
 * Marks up to `limit` Submitted orders whose grace period is over by the database's clock, longest over first, and answers them. Each
 * is locked and its status checked under the lock; what another instance or a customer's cancellation holds is left to the next run,
 * so no order is marked twice and nobody waits.
 */
export async function takeGraceOver(tx: Tx, limit: number): Promise<readonly GraceOver[]> {
  return tx.query<GraceOver & Record<string, unknown>>(
    `update orders o set grace_confirmed_at = now()
     where order_id = any(array(
       select order_id from orders where ${OVER} order by grace_ends_at limit $1 for update skip locked
     ))
     returning o.order_id as "orderId", o.version, o.correlation_id as "correlationId",
       ${epochMs('o.grace_ends_at')} - ${epochMs('o.submitted_at')} as "graceMs"`,
    [limit],
  )
}
