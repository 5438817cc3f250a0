import { isFinal, stands } from '../contract.ts'
import type { Evidence, Finding, Invariant } from '../evidence.ts'
import { grouped } from '../grouped.ts'

type Found = Omit<Finding, 'invariant'>[]

/** Refund if and only if captured and not standing; units sold of orders that stand, and held for nobody else. */
export const unbalanced: Invariant = {
  name: 'unbalanced',
  promise:
    'captured less refunded is the total of the orders that stand; their units are sold, those of cancelled ones are back',
  find: (evidence) => [...money(evidence), ...units(evidence)],
}

function money({ ordering, payment }: Evidence): Found {
  const refunded = new Set(payment.refunds.map(({ chargeKey }) => chargeKey))
  const captured = new Map(
    payment.charges.filter((charge) => charge.captured).map(({ key, amountMinor }) => [key, amountMinor]),
  )
  const kept = new Map([...captured].filter(([key]) => !refunded.has(key)))
  const standing = ordering.orders.filter(({ status }) => stands(status))
  const found: Found = ordering.orders.flatMap(({ orderId, status, totalMinor }) => {
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

function units({ ordering, catalog }: Evidence): Found {
  const items = grouped(ordering.items, ({ orderId }) => orderId)
  const moves = grouped(catalog.movements, ({ orderId, productId }) => `${orderId} ${productId}`)
  return ordering.orders
    .filter(({ status }) => isFinal(status))
    .flatMap(({ orderId, status }) =>
      (items.get(orderId) ?? []).flatMap(({ productId, quantity }) => {
        const movements = moves.get(`${orderId} ${productId}`) ?? []
        const of = (reason: string) =>
          movements.filter((one) => one.reason === reason).reduce((sum, { delta }) => sum + Math.abs(delta), 0)
        const [reserved, released, sold] = [of('RESERVED'), of('RELEASED'), of('SOLD')]
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
