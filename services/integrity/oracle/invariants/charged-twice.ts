import type { Evidence, Found, Invariant } from '../evidence.ts'
import { grouped } from '../grouped.ts'

/** The bank's memory against the orders: one charge per order, of its total, and a refund at most once. */
export const chargedTwice: Invariant = {
  name: 'charged twice',
  promise:
    'the bank was asked for the money of an order under one key, captured its total at most once, and gave it back at most once',
  find: wrongMoney,
  findAtOnce: wrongMoney,
}

function wrongMoney({ ordering, payment }: Evidence): Found[] {
  const orders = new Map(ordering.orders.map((row) => [row.orderId, row]))
  const payments = new Map(payment.payments.map((row) => [row.orderId, row]))
  const captured = payment.charges.filter((charge) => charge.captured)
  const refunds = grouped(payment.refunds, ({ chargeKey }) => chargeKey)
  return [
    ...captured.flatMap(({ key, amountMinor }) => {
      const order = orders.get(key)
      if (!order) return [{ says: `the bank captured ${amountMinor} under ${key}, which is no order` }]
      return amountMinor === order.totalMinor
        ? []
        : [{ orderId: key, says: `the bank captured ${amountMinor}, the order costs ${order.totalMinor}` }]
    }),
    ...captured.flatMap(({ key }) =>
      payments.has(key) ? [] : [{ orderId: key, says: 'the bank captured the money, payment knows nothing of it' }],
    ),
    ...[...refunds].flatMap(([key, some]) =>
      some.length > 1 ? [{ orderId: key, says: `refunded ${some.length} times` }] : [],
    ),
    ...payment.refunds.flatMap(({ chargeKey, amountMinor }) => {
      const charge = captured.find(({ key }) => key === chargeKey)
      return charge?.amountMinor === amountMinor
        ? []
        : [{ orderId: chargeKey, says: `refunded ${amountMinor} of a capture of ${charge?.amountMinor ?? 0}` }]
    }),
  ]
}
