import type { CheckoutView, OrderView } from '../rest/views.ts'
import { FINAL } from '../rest/views.ts'
import type { Check, Finding, Material } from './material.ts'

/** Each 202 is exactly one order, with the lines and the total that were accepted; and nobody has an order they were not told of. */
export const eachCheckoutIsOneOrder: Check = {
  title: 'every accepted checkout is exactly one order, as it was accepted',
  find: (material) => [...answeredTwice(material), ...accepted(material), ...untold(material)],
}

/** Nothing stays on its way. */
export const everyOrderIsFinal: Check = {
  title: 'every order has come to an end',
  find: ({ orders }) =>
    [...orders.values()]
      .filter(({ status }) => !FINAL.includes(status))
      .map(({ orderId, status }) => ({ says: `still ${status}`, orderIds: [orderId] })),
}

function answeredTwice({ accepted }: Material): Finding[] {
  const seen = new Set<string>()
  return accepted
    .filter((orderId) => seen.has(orderId) || !seen.add(orderId))
    .map((orderId) => ({ says: 'two different checkouts were answered with this order', orderIds: [orderId] }))
}

function accepted({ accepted, orders, checkouts }: Material): Finding[] {
  return accepted.flatMap((orderId) => {
    const order = orders.get(orderId)
    const checkout = checkouts.get(orderId)
    if (!order) return [{ says: 'accepted, and ordering does not know it', orderIds: [orderId] }]
    if (!checkout) return [{ says: 'accepted, and basket does not know it', orderIds: [orderId] }]
    return same(order, checkout) ? [] : [{ says: differs(order, checkout), orderIds: [orderId] }]
  })
}

function same(order: OrderView, checkout: CheckoutView): boolean {
  return (
    order.total.amount === checkout.total.amount &&
    order.total.currency === checkout.total.currency &&
    order.itemCount === checkout.itemCount &&
    order.unitCount === checkout.unitCount
  )
}

function differs(order: OrderView, checkout: CheckoutView): string {
  const text = ({ total, itemCount, unitCount }: CheckoutView | OrderView) =>
    `${total.amount} ${total.currency}, ${itemCount} lines, ${unitCount} units`
  return `basket accepted ${text(checkout)}; ordering has ${text(order)}`
}

/** A customer whose checkout got no answer may have one order, not two. */
function untold({ listed, accepted, unanswered }: Material): Finding[] {
  const told = new Set(accepted)
  const used = new Set<string>()
  return listed
    .filter(({ orderId, customerId }) => {
      if (told.has(orderId)) return false
      const excused = unanswered.has(customerId) && !used.has(customerId)
      used.add(customerId)
      return !excused
    })
    .map(({ orderId, customerId }) => ({
      says: `${customerId} has an order that no answer told of`,
      orderIds: [orderId],
    }))
}
