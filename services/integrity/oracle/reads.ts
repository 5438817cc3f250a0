import type { PartName } from './tables.ts'

/** Which rows a statement wants, as conditions. */
export interface Rows {
  /** On a column that holds an order's id. */
  orders(column?: string, type?: 'uuid' | 'text'): string
  customers(column: string): string
  products(column: string): string
}

/** All there are. */
export const ALL: Rows = { orders: () => 'true', customers: () => 'true', products: () => 'true' }

/** Those of the orders in `$1` (uuid[]), the customers in `$2` (text[]) and the products in `$3` (uuid[]). */
export const GIVEN: Rows = {
  orders: (column = 'order_id', type = 'uuid') => `${column} = any($1::uuid[]::${type}[])`,
  customers: (column) => `${column} = any($2::text[])`,
  products: (column) => `${column} = any($3::uuid[])`,
}

/** What the oracle asks of the services' databases: its own SQL, one statement per table, the columns named as in the evidence. */
export const READS: Readonly<Record<PartName, Readonly<Record<string, (rows: Rows) => string>>>> = {
  basket: {
    checkouts: (rows) =>
      `select order_id as "orderId", customer_id as "customerId", basket_id as "basketId", status, total_minor as "totalMinor",
         unit_count as "unitCount" from checkouts where ${rows.orders()}`,
    open: (rows) =>
      `select customer_id as "customerId", lines from baskets where status = 'Open' and ${rows.customers('customer_id')}`,
    keys: (rows) =>
      `select subject, key, body ->> 'orderId' as "orderId" from http_idempotency
       where body ->> 'orderId' is not null and status = 202 and ${rows.customers('subject')}`,
  },
  ordering: {
    orders: (rows) =>
      `select order_id as "orderId", customer_id as "customerId", basket_id as "basketId", status, version, total_minor as "totalMinor",
         currency, unit_count as "unitCount", extract(epoch from now() - status_changed_at)::float8 as "sinceS"
       from orders where ${rows.orders()}`,
    steps: (rows) =>
      `select order_id as "orderId", version, type, (extract(epoch from occurred_at) * 1000)::bigint as "occurredAt", facts
       from order_steps where ${rows.orders()} order by order_id, version`,
    items: (rows) =>
      `select order_id as "orderId", product_id as "productId", sum(quantity)::int as quantity
       from order_items where ${rows.orders()} group by 1, 2`,
  },
  catalog: {
    stock: (rows) =>
      `select product_id as "productId", available, reserved, sold, stock_version as "stockVersion"
       from stock where ${rows.products('product_id')}`,
    movements: (rows) =>
      `select product_id as "productId", stock_version as "stockVersion", reason, delta, available, reserved, sold, order_id as "orderId"
       from stock_movements where ${rows.products('product_id')} order by product_id, stock_version`,
    reservations: (rows) => `select order_id as "orderId", status from reservations where ${rows.orders()}`,
  },
  payment: {
    payments: (rows) =>
      `select order_id as "orderId", status, amount_minor as "amountMinor", attempts, refund_id as "refundId",
         extract(epoch from now() - due_at)::float8 as "dueSinceS" from payments where ${rows.orders()}`,
    charges: (rows) =>
      `select key, amount_minor as "amountMinor", captured_at is not null as captured
       from provider.charges where ${rows.orders('key', 'text')}`,
    refunds: (rows) =>
      `select key, charge_key as "chargeKey", amount_minor as "amountMinor"
       from provider.refunds where ${rows.orders('charge_key', 'text')}`,
  },
}

/** What stands in every part's database. */
export const READS_OF_EACH: Readonly<Record<'outbox' | 'deadLetters', string>> = {
  outbox: `select id, topic, key, event_id as "eventId", event_type as type, sent_at is not null as sent from outbox order by id`,
  deadLetters: `select topic, partition, "offset", key, event_type as type, state, code || ': ' || reason as reason from dead_letters`,
}
