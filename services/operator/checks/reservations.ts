export interface HeldReservation {
  readonly orderId: string
  readonly heldSeconds: number
}

export interface OrderStatus {
  readonly orderId: string
  readonly status: string
}

/** Statuses in which an order may hold units. Submitted cannot: its stock was never asked for. */
const LIVE = new Set(['AwaitingValidation', 'StockConfirmed'])

/** Reservations that hold units for orders that have ended, or that nobody knows. */
export function endedReservations(
  held: readonly HeldReservation[],
  orders: readonly OrderStatus[],
): string | undefined {
  const statuses = new Map(orders.map(({ orderId, status }) => [orderId, status]))
  const ended = held.filter(({ orderId }) => !LIVE.has(statuses.get(orderId) ?? ''))
  if (ended.length === 0) return undefined
  const byStatus = Map.groupBy(ended, ({ orderId }) => statuses.get(orderId) ?? 'unknown to ordering')
  const counts = [...byStatus].map(([status, some]) => `${some.length} ${status}`).join(', ')
  const { orderId, heldSeconds } = ended.reduce((a, b) => (b.heldSeconds > a.heldSeconds ? b : a))
  return `${ended.length} held for orders that do not need them (${counts}), the oldest (order ${orderId}) for ${Math.round(heldSeconds)} s`
}
