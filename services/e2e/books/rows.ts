import { isUuid } from '#pipelines/kernel/ids.ts'
import type { Sql } from '../rest/sql.ts'
import type { ChargeRow, OrderRow } from './material.ts'

/** Ids in one statement. */
const CHUNK = 500

/** The orders of these ids as ClickHouse has them. */
export function orderRows(sql: Sql, orderIds: readonly string[]): Promise<OrderRow[]> {
  return inChunks(orderIds, (ids) =>
    sql.query<OrderRow>(
      `select toString(order_id) as orderId, status, currency, toString(total_minor) as totalMinor,
         toString(unit_count) as unitCount, cancel_reason as cancelReason
       from eshop.orders where order_id in (${ids})`,
    ),
  )
}

/** What was captured and refunded for each order; an order without either has no row. */
export function chargeRows(sql: Sql, orderIds: readonly string[]): Promise<ChargeRow[]> {
  return inChunks(orderIds, (ids) =>
    sql.query<ChargeRow>(
      `select toString(order_id) as orderId,
         toUInt32(countIf(kind = 'captured')) as captures, toString(sumIf(amount, kind = 'captured')) as capturedMinor,
         toUInt32(countIf(kind = 'refunded')) as refunds, toString(sumIf(amount, kind = 'refunded')) as refundedMinor
       from (
         select distinct order_id, 'captured' as kind, payment_id as id, amount_minor as amount
         from eshop.order_payment_succeeded where order_id in (${ids})
         union all
         select distinct order_id, 'refunded' as kind, refund_id as id, amount_minor as amount
         from eshop.order_payment_refunded where order_id in (${ids})
       ) group by order_id`,
    ),
  )
}

async function inChunks<Row>(orderIds: readonly string[], query: (list: string) => Promise<Row[]>): Promise<Row[]> {
  const rows: Row[] = []
  const ids = orderIds.filter(isUuid) // only ids ever stand in a statement
  for (let from = 0; from < ids.length; from += CHUNK)
    rows.push(
      ...(await query(
        ids
          .slice(from, from + CHUNK)
          .map((id) => `'${id}'`)
          .join(','),
      )),
    )
  return rows
}
