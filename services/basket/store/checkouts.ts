import type { Sql, Tx } from '#pipelines/kernel/database.ts'
import type { OrderStarted } from '#schemas/generated/events.ts'
import type { CheckoutEvent } from '../checkout.ts'

export interface CheckoutRow {
  readonly order_id: string
  readonly customer_id: string
  readonly status: 'Accepted' | 'Started'
  readonly total_minor: number
  readonly currency: string
  readonly item_count: number
  readonly unit_count: number
  readonly accepted_at: Date
  readonly started_at: Date | null
}

/** Closes the locked basket and keeps the checkout with its event, in one statement. */
export async function acceptCheckout(tx: Tx, event: CheckoutEvent, resendAfterMs: number): Promise<void> {
  const unitCount = event.items.reduce((sum, item) => sum + item.quantity, 0)
  await tx.query(
    `with closed as (
       update baskets set status = 'Closed', updated_at = now() where basket_id = $3 and status = 'Open' returning basket_id
     )
     insert into checkouts (order_id, customer_id, basket_id, basket_version, total_minor, currency, item_count, unit_count,
       accepted_at, event, resend_at)
     select $1, $2, basket_id, $4, $5, $6, $7, $8, to_timestamp($9::double precision / 1000), $10,
       now() + $11 * interval '1 millisecond'
     from closed`,
    [
      event.orderId,
      event.customerId,
      event.basketId,
      event.basketVersion,
      event.totalMinor,
      event.currency,
      event.items.length,
      unitCount,
      event.occurredAt,
      JSON.stringify(event),
      resendAfterMs,
    ],
  )
}

/** A checkout of this customer, or of anyone when no customer is given. */
export async function findCheckout(sql: Sql, orderId: string, customerId?: string): Promise<CheckoutRow | undefined> {
  const [row] = await sql.query<CheckoutRow>(
    `select order_id, customer_id, status, total_minor, currency, item_count, unit_count, accepted_at, started_at
     from checkouts where order_id = $1 and ($2::text is null or customer_id = $2)`,
    [orderId, customerId ?? null],
  )
  return row
}

/**
 * Ordering has taken over: forgets the event with its sensitive fields, and deletes the basket that this checkout closed, by id and
 * version. An open basket is a newer one whatever its id, so it is never touched. False when both had been done before.
 */
export async function startCheckout(tx: Tx, event: OrderStarted): Promise<boolean> {
  const [did] = await tx.query<{ changed: boolean }>(
    `with started as (
       update checkouts set status = 'Started', started_at = now(), event = null, resend_at = null
       where order_id = $1 and status = 'Accepted' returning 1
     ), deleted as (
       delete from baskets where basket_id = $2 and version = $3 and status = 'Closed' returning 1
     )
     select exists (select from started) or exists (select from deleted) as changed`,
    [event.orderId, event.basketId, event.basketVersion],
  )
  return did?.changed ?? false
}

/** Checkouts of which ordering has not been heard for too long, locked against others. Each next wait is twice as long, up to an hour. */
export async function takeForResend(tx: Tx, limit: number, resendAfterMs: number): Promise<readonly CheckoutEvent[]> {
  const rows = await tx.query<{ event: CheckoutEvent }>(
    `update checkouts set resends = resends + 1,
       resend_at = now() + least($2 * power(2, least(resends + 1, 20)), 3600000) * interval '1 millisecond'
     where order_id = any(array(
       select order_id from checkouts where resend_at <= now() order by resend_at limit $1 for update skip locked
     ))
     returning event`,
    [limit, resendAfterMs],
  )
  return rows.map(({ event }) => event)
}

/** How many checkouts ordering has not taken over, and the age of the oldest: for metrics. Milliseconds. */
export async function waitingCheckouts(sql: Sql): Promise<{ readonly checkouts: number; readonly oldestMs: number }> {
  const [row] = await sql.query<{ checkouts: number; oldest_ms: number | null }>(
    `select count(*)::int as checkouts, (extract(epoch from now() - min(accepted_at)) * 1000)::bigint as oldest_ms
     from checkouts where resend_at is not null`,
  )
  return { checkouts: row?.checkouts ?? 0, oldestMs: row?.oldest_ms ?? 0 }
}
