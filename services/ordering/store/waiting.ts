import type { Sql, Tx } from '#pipelines/kernel/database.ts'
import { epochMs } from './columns.ts'

/** An order that waits, as the reconciler looks at it. Times in epoch milliseconds by the database's clock. */
export interface WaitingOrder {
  readonly orderId: string
  readonly status: 'Submitted' | 'AwaitingValidation' | 'StockConfirmed'
  readonly version: number
  readonly customerId: string
  readonly since: number
  readonly isGraceConfirmed: boolean
  readonly redrives: number
  readonly lastRedriveAt: number | null
  readonly nextRedriveAt: number | null
  readonly now: number
}

const LIMIT_PER_STATUS = 1_000

/**
 * Orders that have waited longer than so many milliseconds, those that wait longest first, at most 1 000 of a status (one status must
 * not hide another). A Submitted order waits from the end of its grace period on, and anew when that was confirmed.
 */
export function waitingOrders(sql: Sql, overMs: number, limit = LIMIT_PER_STATUS): Promise<WaitingOrder[]> {
  return sql.query<WaitingOrder & Record<string, unknown>>(
    `with open as (
       select statuses.status, late.* from unnest(array['Submitted', 'AwaitingValidation', 'StockConfirmed']) as statuses (status)
       cross join lateral (
         select o.order_id, o.version, o.customer_id, waits.since, o.grace_confirmed_at
         from orders o cross join lateral (
           select case o.status when 'Submitted' then coalesce(o.grace_confirmed_at, o.grace_ends_at) else o.status_changed_at end as since
         ) waits
         where o.status = statuses.status and waits.since <= now() - $1 * interval '1 millisecond'
         order by waits.since limit $2
       ) late
     )
     select open.order_id as "orderId", open.status, open.version, open.customer_id as "customerId",
       ${epochMs('open.since')} as since, open.grace_confirmed_at is not null as "isGraceConfirmed",
       coalesce(last.redrive, 0) as redrives, ${epochMs('last.redriven_at')} as "lastRedriveAt",
       ${epochMs('last.next_at')} as "nextRedriveAt", ${epochMs('now()')} as now
     from open left join lateral (
       select redrive, redriven_at, next_at from order_redrives r
       where r.order_id = open.order_id and r.version = open.version order by redrive desc limit 1
     ) last on true
     order by open.since`,
    [overMs, limit],
  )
}

/** How often the locked order's last step was sent again. */
export async function redrivesOf(tx: Tx, { orderId, version }: { orderId: string; version: number }): Promise<number> {
  const [row] = await tx.query<{ redrives: number }>(
    'select coalesce(max(redrive), 0)::int as redrives from order_redrives where order_id = $1 and version = $2',
    [orderId, version],
  )
  return row?.redrives ?? 0
}

export interface Redrive {
  readonly orderId: string
  readonly version: number
  readonly redrive: number
  /** Milliseconds until the reconciler may do so again. */
  readonly nextMs: number
  readonly by: string
}

export async function recordRedrive(tx: Tx, { orderId, version, redrive, nextMs, by }: Redrive): Promise<void> {
  await tx.query(
    `insert into order_redrives (order_id, version, redrive, next_at, by)
     values ($1, $2, $3, clock_timestamp() + $4 * interval '1 millisecond', $5)`,
    [orderId, version, redrive, nextMs, by],
  )
}

/** Has the grace-period task confirm a locked order once more. False if it has not confirmed it at all. */
export async function clearGraceMarker(tx: Tx, orderId: string): Promise<boolean> {
  const cleared = await tx.query(
    `update orders set grace_confirmed_at = null
     where order_id = $1 and status = 'Submitted' and grace_confirmed_at is not null returning order_id`,
    [orderId],
  )
  return cleared.length === 1
}

/** The correlation id of the checkout that made an order. */
export async function correlationOf(tx: Tx, orderId: string): Promise<string | undefined> {
  const [row] = await tx.query<{ id: string | null }>('select correlation_id as id from orders where order_id = $1', [
    orderId,
  ])
  return row?.id ?? undefined
}
