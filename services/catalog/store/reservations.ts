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
