import type { Sql } from '#pipelines/kernel/database.ts'
import type { Address, Item } from '#schemas/generated/events.ts'
import type { Order, Status, Step } from '../domain/order.ts'
import { epochMs, ITEMS_COLUMN, ORDER_COLUMNS, STEPS_COLUMN, timestampOf } from './columns.ts'

/** An order as a list shows it. */
export interface OrderSummary extends Omit<Order, 'items' | 'paymentToken'> {
  readonly itemCount: number
  readonly unitCount: number
}

/** An order with all that its owner may see. */
export interface OrderRecord extends OrderSummary {
  readonly items: readonly Item[]
  readonly steps: readonly Step[]
  readonly address: Address
  readonly graceEndsAt: number
}

/** Where a page ended: the list is newest first. */
export interface Position {
  readonly placedAt: number
  readonly orderId: string
}

export interface Filter {
  readonly customerId?: string | undefined
  readonly status?: Status | undefined
  /** Epoch milliseconds; placed at or after. */
  readonly from?: number | undefined
  /** Epoch milliseconds; placed before. */
  readonly to?: number | undefined
  readonly after?: Position | undefined
  readonly limit: number
}

/** Orders newest first, by keyset: as quick on the last page as on the first, and nothing shows twice while new orders come. */
export async function listOrders(sql: Sql, filter: Filter): Promise<readonly OrderSummary[]> {
  const values: unknown[] = []
  const parameter = (value: unknown) => `$${values.push(value)}`
  const conditions = ['true']
  if (filter.customerId !== undefined) conditions.push(`o.customer_id = ${parameter(filter.customerId)}`)
  if (filter.status !== undefined) conditions.push(`o.status = ${parameter(filter.status)}`)
  if (filter.from !== undefined) conditions.push(`o.placed_at >= ${timestampOf(`${parameter(filter.from)}::bigint`)}`)
  if (filter.to !== undefined) conditions.push(`o.placed_at < ${timestampOf(`${parameter(filter.to)}::bigint`)}`)
  if (filter.after) {
    const { placedAt, orderId } = filter.after
    const time = timestampOf(`${parameter(placedAt)}::bigint`)
    conditions.push(`(o.placed_at, o.order_id) < (${time}, ${parameter(orderId)})`)
  }
  return sql.query<OrderSummary>(
    `select ${ORDER_COLUMNS}, o.item_count as "itemCount", o.unit_count as "unitCount"
     from orders o where ${conditions.join(' and ')}
     order by o.placed_at desc, o.order_id desc limit ${parameter(filter.limit)}`,
    values,
  )
}

export async function findOrder(sql: Sql, orderId: string): Promise<OrderRecord | undefined> {
  const [row] = await sql.query<OrderRecord>(
    `select ${ORDER_COLUMNS}, o.item_count as "itemCount", o.unit_count as "unitCount", o.address,
       ${epochMs('o.grace_ends_at')} as "graceEndsAt", ${ITEMS_COLUMN}, ${STEPS_COLUMN}
     from orders o where o.order_id = $1`,
    [orderId],
  )
  return row
}
