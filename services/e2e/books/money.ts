import { parseMinor } from '#pipelines/kernel/money.ts'
import { cancelReasonOf, type OrderView, type PaymentView } from '../rest/views.ts'
import { type ChargeRow, type Check, type Finding, paid } from './material.ts'

const NOTHING: Omit<ChargeRow, 'orderId'> = { captures: 0, capturedMinor: '0', refunds: 0, refundedMinor: '0' }

/** A paid order was charged once, its total; from a cancelled one nothing was kept. */
export const moneyBalances: Check = {
  title: 'paid orders were charged once, their total; of cancelled ones nothing was kept',
  find({ orders, payments, charges }) {
    const byOrder = new Map(charges.map((row) => [row.orderId, row]))
    return [...orders.values()].flatMap((order): Finding[] => {
      const payment = payments.get(order.orderId)
      const charge = byOrder.get(order.orderId) ?? NOTHING
      const says = paid(order)
        ? faultsOfPaid(order, payment, charge)
        : order.status === 'Cancelled'
          ? faultsOfCancelled(order, payment, charge)
          : []
      return says.map((text) => ({ says: text, orderIds: [order.orderId] }))
    })
  },
}

function faultsOfPaid(
  { status, total }: OrderView,
  payment: PaymentView | undefined,
  charge: Omit<ChargeRow, 'orderId'>,
): string[] {
  const faults: string[] = []
  if (payment?.status !== 'SUCCEEDED') faults.push(`${status}, and its payment is ${payment?.status ?? 'unknown'}`)
  if (payment && (payment.amount.amount !== total.amount || payment.amount.currency !== total.currency))
    faults.push(`costs ${total.amount} ${total.currency}, charged ${payment.amount.amount} ${payment.amount.currency}`)
  if (charge.captures !== 1) faults.push(`${status}, captured ${charge.captures} times`)
  else if (Number(charge.capturedMinor) !== parseMinor(total.amount, total.currency))
    faults.push(`costs ${total.amount} ${total.currency}, captured ${charge.capturedMinor} minor units`)
  if (charge.refunds !== 0) faults.push(`${status}, refunded ${charge.refunds} times`)
  return faults
}

function faultsOfCancelled(
  order: OrderView,
  payment: PaymentView | undefined,
  charge: Omit<ChargeRow, 'orderId'>,
): string[] {
  const faults: string[] = []
  const status = payment?.status
  if (status === 'SUCCEEDED' || status === 'CHARGING' || status === 'REFUNDING')
    faults.push(`Cancelled, and its payment is ${status}`)
  if (cancelReasonOf(order) === 'PAYMENT' && status !== 'FAILED')
    faults.push(`cancelled for its payment, which is ${status ?? 'unknown'}`)
  if (charge.captures !== charge.refunds || charge.capturedMinor !== charge.refundedMinor)
    faults.push(
      `Cancelled; captured ${charge.captures} times (${charge.capturedMinor} minor units), refunded ${charge.refunds} times (${charge.refundedMinor})`,
    )
  if ((status === 'REFUNDED') !== charge.refunds > 0)
    faults.push(`its payment is ${status ?? 'unknown'}, with ${charge.refunds} refunds`)
  return faults
}
