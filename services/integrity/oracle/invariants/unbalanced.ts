import { isFinal, stands } from '../contract.ts'
import type { Evidence, Found, Invariant, MovementRow } from '../evidence.ts'
import { grouped } from '../grouped.ts'

/** Refund if and only if captured and not standing; units sold of orders that stand, and held for nobody else. */
export const unbalanced: Invariant = {
  name: 'unbalanced',
  promise:
    'captured less refunded is the total of the orders that stand; their units are sold, those of cancelled ones are back',
  find: (evidence) => [...money(evidence), ...units(evidence)],
  findAtOnce: (evidence) => [...moneyTooEarly(evidence), ...unitsTooEarly(evidence)],
}

function money({ ordering, payment }: Evidence): Found[] {
  const refunded = new Set(payment.refunds.map(({ chargeKey }) => chargeKey))
  const captured = new Map(
    payment.charges.filter((charge) => charge.captured).map(({ key, amountMinor }) => [key, amountMinor]),
  )
  const kept = new Map([...captured].filter(([key]) => !refunded.has(key)))
  const standing = ordering.orders.filter(({ status }) => stands(status))
  const found: Found[] = ordering.orders.flatMap(({ orderId, status, totalMinor }) => {
    const has = kept.get(orderId) ?? 0
    if (stands(status) && has !== totalMinor)
      return [{ orderId, says: `${status} and costs ${totalMinor}; captured and kept: ${has}` }]
    if (status === 'Cancelled' && has !== 0)
      return [{ orderId, says: `Cancelled, and ${has} was captured and not given back` }]
    return []
  })
  const sum = (numbers: Iterable<number>) => [...numbers].reduce((total, one) => total + one, 0)
  const [keeps, owed] = [sum(kept.values()), sum(standing.map(({ totalMinor }) => totalMinor))]
  const open = ordering.orders.some(({ status }) => !isFinal(status))
  if (!open && keeps !== owed && found.length === 0)
    found.push({ says: `the bank keeps ${keeps} for us, the orders that stand cost ${owed}` })
  return found
}

function units({ ordering, catalog }: Evidence): Found[] {
  const items = grouped(ordering.items, ({ orderId }) => orderId)
  const moves = movesOf(catalog.movements)
  return ordering.orders
    .filter(({ status }) => isFinal(status))
    .flatMap(({ orderId, status }) =>
      (items.get(orderId) ?? []).flatMap(({ productId, quantity }) => {
        const { reserved, released, sold } = moves(orderId, productId)
        const right = stands(status) ? sold === quantity && released === 0 : sold === 0 && released === reserved
        return right
          ? []
          : [
              {
                orderId,
                says: `${status} with ${quantity} of ${productId}: reserved ${reserved}, given back ${released}, sold ${sold}`,
              },
            ]
      }),
    )
}

/** Units of a product that an order has reserved, given back and bought. */
function movesOf(movements: readonly MovementRow[]) {
  const byPlace = grouped(movements, ({ orderId, productId }) => `${orderId} ${productId}`)
  return (orderId: string, productId: string) => {
    const own = byPlace.get(`${orderId} ${productId}`) ?? []
    const of = (reason: string) =>
      own.filter((one) => one.reason === reason).reduce((sum, { delta }) => sum + Math.abs(delta), 0)
    return { reserved: of('RESERVED'), released: of('RELEASED'), sold: of('SOLD') }
  }
}

/** Money is taken once the stock is confirmed, given back once the order is cancelled, and there when the order counts as paid. */
function moneyTooEarly({ ordering, payment }: Evidence): Found[] {
  const refunded = new Set(payment.refunds.map(({ chargeKey }) => chargeKey))
  const captured = new Map(payment.charges.filter((charge) => charge.captured).map((charge) => [charge.key, charge]))
  const confirmed = new Set(
    ordering.steps.filter(({ type }) => type === 'OrderStatusChangedToStockConfirmed').map(({ orderId }) => orderId),
  )
  return ordering.orders.flatMap(({ orderId, status, totalMinor }) => {
    const has = refunded.has(orderId) ? 0 : (captured.get(orderId)?.amountMinor ?? 0)
    if (stands(status) && has !== totalMinor)
      return [{ orderId, says: `${status} and costs ${totalMinor}; captured and kept: ${has}` }]
    if (captured.has(orderId) && !confirmed.has(orderId))
      return [{ orderId, says: 'the money was taken before the stock was confirmed' }]
    if (refunded.has(orderId) && status !== 'Cancelled')
      return [{ orderId, says: `the money was given back, and the order is ${status}` }]
    return []
  })
}

/** Units are held while the order may need them, given back once it is cancelled, and sold once it is paid. */
function unitsTooEarly({ ordering, catalog }: Evidence): Found[] {
  const status = new Map(ordering.orders.map((row) => [row.orderId, row.status]))
  const moves = movesOf(catalog.movements)
  return ordering.items.flatMap(({ orderId, productId, quantity }) => {
    const { reserved, released, sold } = moves(orderId, productId)
    const at = status.get(orderId) ?? 'unknown'
    const isWrong =
      (stands(at) && (reserved !== quantity || released > 0)) ||
      (released > 0 && at !== 'Cancelled') ||
      (sold > 0 && !stands(at))
    return isWrong
      ? [
          {
            orderId,
            says: `${at} with ${quantity} of ${productId}: reserved ${reserved}, given back ${released}, sold ${sold}`,
          },
        ]
      : []
  })
}
