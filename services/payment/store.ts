import type { Sql, Tx } from '#pipelines/kernel/database.ts'
import type { Origin } from '#pipelines/outbox/types.ts'
import type { Cancelled, Charging, Payment, PaymentStatus, Refunding, Succeeded } from './payment.ts'
import { CHANGING_COLUMNS, changingValues, type PaymentRow, paymentOf } from './rows.ts'

/** Keeps a new payment. False when the order has one already; it is then not locked. */
export async function insertPayment(tx: Tx, payment: Charging | Cancelled, origin: Origin): Promise<boolean> {
  const inserted = await tx.query(
    `insert into payments (order_id, payment_id, status, order_version, customer_id, amount_minor, currency, payment_token, origin, due_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, case when $3 = 'CHARGING' then now() end)
     on conflict (order_id) do nothing
     returning order_id`,
    [
      payment.orderId,
      payment.paymentId,
      payment.status,
      payment.orderVersion,
      payment.customerId,
      payment.amountMinor,
      payment.currency,
      payment.status === 'CHARGING' ? payment.paymentToken : null,
      origin,
    ],
  )
  return inserted.length > 0
}

export interface LockedPayment {
  readonly payment: Payment
  /** By the database's clock, milliseconds. */
  readonly nowMs: number
  /** What asked for the answer that is still to come. */
  readonly origin: Origin
}

/** The payment of an order, locked until the transaction ends. */
export async function lockPayment(tx: Tx, orderId: string): Promise<LockedPayment | undefined> {
  const [row] = await tx.query<PaymentRow & { now_ms: number; origin: Origin }>(
    'select *, (extract(epoch from now()) * 1000)::bigint as now_ms from payments where order_id = $1 for update',
    [orderId],
  )
  return row && { payment: paymentOf(row), nowMs: row.now_ms, origin: row.origin }
}

const ASSIGNMENTS = CHANGING_COLUMNS.map((column, index) => `${column} = $${index + 3}`).join(', ')

/** Keeps what a decision made of a locked payment. A refund is due at once; what is final is never due. */
export async function savePayment(tx: Tx, payment: Payment, origin?: Origin): Promise<void> {
  await tx.query(
    `update payments set ${ASSIGNMENTS}, origin = coalesce($2, origin), updated_at = now(),
       due_at = case $3 when 'CHARGING' then due_at when 'REFUNDING' then now() end
     where order_id = $1`,
    [payment.orderId, origin ?? null, ...changingValues(payment)],
  )
}

/**
 * Takes up to `limit` payments that are due, for `leaseMs`: nobody else gets them before. The call that follows is counted first, so
 * that a crash between the two leaves an attempt too many, never one too few.
 */
export async function claimDue(sql: Sql, limit: number, leaseMs: number): Promise<readonly (Charging | Refunding)[]> {
  const rows = await sql.query<PaymentRow>(
    `update payments p set
       attempts = attempts + (status = 'CHARGING')::int,
       refund_attempts = refund_attempts + (status = 'REFUNDING')::int,
       due_at = now() + $2 * interval '1 millisecond'
     where p.order_id = any(array(
       select order_id from payments where due_at <= now() order by due_at limit $1 for update skip locked
     ))
     returning p.*`,
    [limit, leaseMs],
  )
  return rows.map((row) => paymentOf(row) as Charging | Refunding)
}

/** Puts off a payment whose call had no certain answer, unless somebody else has brought it further. */
export async function postpone(
  sql: Sql,
  payment: Charging | Refunding,
  { delayMs, spentMs }: { readonly delayMs: number; readonly spentMs: number },
): Promise<void> {
  await sql.query(
    `update payments set due_at = now() + $3 * interval '1 millisecond', updated_at = now(),
       provider_ms = provider_ms + case status when 'CHARGING' then $4::bigint else 0 end
     where order_id = $1 and status = $2`,
    [payment.orderId, payment.status, delayMs, spentMs],
  )
}

/**
 * Locks up to `limit` captured payments whose order's outcome has not been seen for longer than `afterMs`, and notes that they are told
 * again; each next wait is twice as long, up to an hour.
 */
export async function takeUnseen(tx: Tx, limit: number, afterMs: number): Promise<readonly Succeeded[]> {
  const rows = await tx.query<PaymentRow>(
    `with unseen as materialized (
       select order_id from payments
       where status = 'SUCCEEDED' and not outcome_seen and answered_at <= now() - $2 * interval '1 millisecond' and
         coalesce(resent_at, answered_at) <= now() - least($2 * power(2, least(resends, 20)), greatest($2, 3600000)) * interval '1 millisecond'
       order by answered_at limit $1 for update skip locked
     )
     update payments p set resends = resends + 1, resent_at = now()
     from unseen where p.order_id = unseen.order_id
     returning p.*`,
    [limit, afterMs],
  )
  return rows.map((row) => paymentOf(row) as Succeeded)
}

export async function findPayment(sql: Sql, orderId: string): Promise<PaymentRow | undefined> {
  const [row] = await sql.query<PaymentRow>('select * from payments where order_id = $1', [orderId])
  return row
}

export interface PaymentFilter {
  readonly status?: PaymentStatus | undefined
  readonly customerId?: string | undefined
  /** Only orders before this one: the last of the page before. */
  readonly before?: string | undefined
}

/** Newest order first: order ids sort by the time they were made. */
export function listPayments(sql: Sql, filter: PaymentFilter, limit: number): Promise<PaymentRow[]> {
  const conditions: string[] = []
  const values: unknown[] = []
  const where = (condition: (parameter: string) => string, value: unknown) => {
    if (value === undefined) return
    values.push(value)
    conditions.push(condition(`$${values.length}`))
  }
  where((parameter) => `status = ${parameter}`, filter.status)
  where((parameter) => `customer_id = ${parameter}`, filter.customerId)
  where((parameter) => `order_id < ${parameter}`, filter.before)
  values.push(limit)
  return sql.query<PaymentRow>(
    `select * from payments ${conditions.length > 0 ? `where ${conditions.join(' and ')}` : ''}
     order by order_id desc limit $${values.length}`,
    values,
  )
}

export interface OpenPayments {
  readonly status: PaymentStatus
  readonly payments: number
  readonly oldest_ms: number
}

/** How many payments are in each status that is not final, and how old the oldest is: for metrics. Milliseconds. */
export function openPayments(sql: Sql): Promise<OpenPayments[]> {
  return sql.query<OpenPayments & Record<string, unknown>>(
    `select status, count(*)::int as payments, (extract(epoch from now() - min(created_at)) * 1000)::bigint as oldest_ms
     from payments where due_at is not null group by status`,
  )
}
