import type { Tx } from '#pipelines/kernel/database.ts'
import type { Reservation, ReservationStatus, StockAnswer } from '../domain/reservation.ts'

/**
 * Makes an order's reservation, as the mark RELEASED, and locks it. Gives the time of the transaction in milliseconds, or undefined
 * when there is one already; it is then not locked.
 */
export async function openReservation(tx: Tx, orderId: string): Promise<number | undefined> {
  const [row] = await tx.query<{ now_ms: number }>(
    `insert into reservations (order_id) values ($1) on conflict (order_id) do nothing
     returning (extract(epoch from now()) * 1000)::bigint as now_ms`,
    [orderId],
  )
  return row?.now_ms
}

/** The reservation of an order, locked until the transaction ends. Lock it before any stock. */
export async function lockReservation(tx: Tx, orderId: string): Promise<Reservation | undefined> {
  const [row] = await tx.query<{ status: ReservationStatus; answer: StockAnswer | null }>(
    'select status, answer from reservations where order_id = $1 for update',
    [orderId],
  )
  return row && { orderId, status: row.status, answer: row.answer ?? undefined }
}

/**
 * Locks up to `limit` reservations that have been held for longer than `afterMs` without a word of ordering, and notes that their
 * answers are sent again; each next wait is twice as long, up to an hour. Returns the answers, as ordering was first told.
 */
export async function takeHeldTooLong(tx: Tx, limit: number, afterMs: number): Promise<readonly StockAnswer[]> {
  const rows = await tx.query<{ answer: StockAnswer }>(
    `with held as materialized (
       select order_id from reservations
       where status = 'RESERVED' and created_at <= now() - $2 * interval '1 millisecond' and
         coalesce(resent_at, created_at) <= now() - least($2 * power(2, least(resends, 20)), greatest($2, 3600000)) * interval '1 millisecond'
       order by created_at limit $1 for update skip locked
     )
     update reservations r set resends = resends + 1, resent_at = now()
     from held where r.order_id = held.order_id
     returning answer`,
    [limit, afterMs],
  )
  return rows.map(({ answer }) => answer)
}
