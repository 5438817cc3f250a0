import type { Evidence, Found, Invariant } from '../evidence.ts'
import { grouped } from '../grouped.ts'

/** What a client was told with a 2xx is in the tables, and was told once. */
export const accepted: Invariant = {
  name: 'accepted',
  promise:
    'what a client was told with a 2xx is kept: one checkout per key, acknowledged cancellations, baskets; no 5xx but 503',
  find: broken,
  findAtOnce: broken,
}

function broken({ clients, basket, ordering }: Evidence): Found[] {
  const checkouts = new Map(basket.checkouts.map((row) => [row.orderId, row]))
  const orders = new Map(ordering.orders.map((row) => [row.orderId, row]))
  const open = new Map(basket.open.map(({ customerId, lines }) => [customerId, lines]))
  const byKey = grouped(basket.keys, ({ subject, key }) => `${subject} ${key}`)
  const told = grouped(clients.accepted, ({ orderId }) => orderId)
  return [
    ...clients.accepted.flatMap(({ orderId, customer }) =>
      checkouts.get(orderId)?.customerId === customer
        ? []
        : [{ orderId, says: `${customer} was told 202, and basket has no such checkout of theirs` }],
    ),
    ...[...told].flatMap(([orderId, answers]) =>
      answers.length > 1 ? [{ orderId, says: 'two checkouts were answered with the same order' }] : [],
    ),
    ...[...byKey].flatMap(([key, rows]) =>
      rows.length > 1 ? [{ says: `the idempotency key ${key} made ${rows.length} orders` }] : [],
    ),
    ...clients.accepted.flatMap(({ orderId, cancelled }) => {
      const status = orders.get(orderId)?.status
      return cancelled && status !== 'Cancelled'
        ? [{ orderId, says: `the client was told that it is cancelled, and it is ${status ?? 'unknown'}` }]
        : []
    }),
    ...clients.kept.flatMap(({ customer, productId, quantity }) => {
      const line = open.get(customer)?.find((one) => one.productId === productId)
      return line?.quantity === quantity
        ? []
        : [
            {
              says: `${customer} put ${quantity} of ${productId} into a new basket, which has ${line?.quantity ?? 'none'}`,
            },
          ]
    }),
    ...clients.broken.map(({ call, status }) => ({
      says: `${call} was answered with ${status}${status === 503 ? ' and no Retry-After' : ''}`,
    })),
  ]
}
