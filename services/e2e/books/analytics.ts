import { parseMinor } from '#pipelines/kernel/money.ts'
import { cancelReasonOf, type OrderView } from '../rest/views.ts'
import type { Check, Finding, OrderRow } from './material.ts'

/** ClickHouse tells the same story as ordering, with every order in it once. */
export const analyticsAgrees: Check = {
  title: 'ClickHouse has every order once, with the status, total and units that ordering has',
  find({ orders, rows }) {
    const byOrder = Map.groupBy(rows, ({ orderId }) => orderId)
    const findings = [...orders.values()].flatMap((order): Finding[] => {
      const [row, ...more] = byOrder.get(order.orderId) ?? []
      const says = row ? [...faultsOf(order, row), ...doubled(more)] : ['not in ClickHouse']
      return says.map((text) => ({ says: text, orderIds: [order.orderId] }))
    })
    const unknown = [...byOrder.keys()].filter((orderId) => !orders.has(orderId))
    return [...findings, ...unknown.map((orderId) => ({ says: 'only in ClickHouse', orderIds: [orderId] }))]
  },
}

function faultsOf(order: OrderView, row: OrderRow): string[] {
  const sides: [string, unknown, unknown][] = [
    ['status', order.status, row.status],
    ['currency', order.total.currency, row.currency],
    ['total', parseMinor(order.total.amount, order.total.currency), Number(row.totalMinor ?? Number.NaN)],
    ['units', order.unitCount, Number(row.unitCount)],
    ['cancel reason', cancelReasonOf(order) ?? '', row.cancelReason],
  ]
  return sides
    .filter(([, ordering, analytics]) => ordering !== analytics)
    .map(([what, ordering, analytics]) => `${what}: ordering says ${ordering}, ClickHouse ${analytics}`)
}

function doubled(more: readonly OrderRow[]): string[] {
  return more.length > 0 ? [`${more.length + 1} rows in ClickHouse`] : []
}
