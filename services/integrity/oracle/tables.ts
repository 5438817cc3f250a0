import pg from 'pg'
import type { Addresses } from './addresses.ts'
import type {
  BasketTables,
  CatalogTables,
  DeadLetterRow,
  OrderingTables,
  OrderRow,
  OutboxRow,
  PaymentTables,
  StepRow,
} from './evidence.ts'

/** 64-bit numbers as numbers, for these connections alone. */
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text') =>
    oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
}

export type PartName = 'basket' | 'catalog' | 'ordering' | 'payment'

export interface Tables {
  readonly basket: BasketTables
  readonly ordering: OrderingTables
  readonly catalog: CatalogTables
  readonly payment: PaymentTables
  readonly outbox: readonly OutboxRow[]
  readonly deadLetters: readonly DeadLetterRow[]
}

/** Which rows: all, or those of a few orders, their customers and their products. */
export interface Scope {
  readonly orderIds: readonly string[]
  readonly customers: readonly string[]
  readonly productIds: readonly string[]
}

/** Asks one database, within one snapshot. */
export type Ask = <R>(text: string, values?: readonly unknown[]) => Promise<R[]>

/** Reads the services' tables by SQL of its own, each database in one snapshot. @throws whatever PostgreSQL says while it is away */
export function readTables({ database }: Addresses): Promise<Tables> {
  return tablesOf((part, read) => snapshot(database(part), read))
}

/** The same through connections of the caller's. */
export async function tablesOf(
  within: <T>(part: PartName, read: (ask: Ask) => Promise<T>) => Promise<T>,
  scope?: Scope,
): Promise<Tables> {
  const both =
    <T>(part: PartName, read: (ask: Ask, scope?: Scope) => Promise<T>) =>
    async (ask: Ask) => ({ tables: await read(ask, scope), ...(await readPart(ask, part)) })
  const [basket, catalog, ordering, payment] = await Promise.all([
    within('basket', both('basket', readBasket)),
    within('catalog', both('catalog', readCatalog)),
    within('ordering', both('ordering', readOrdering)),
    within('payment', both('payment', readPayment)),
  ])
  const all = [basket, catalog, ordering, payment]
  return {
    basket: basket.tables,
    catalog: catalog.tables,
    ordering: ordering.tables,
    payment: payment.tables,
    outbox: all.flatMap(({ outbox }) => outbox),
    deadLetters: all.flatMap(({ deadLetters }) => deadLetters),
  }
}

async function snapshot<T>(url: string, read: (ask: Ask) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000, query_timeout: 60_000, types })
  client.on('error', () => {}) // the query under way tells
  await client.connect()
  try {
    await client.query('begin isolation level repeatable read read only')
    return await read(
      async <R>(text: string, values: readonly unknown[] = []) => (await client.query(text, [...values])).rows as R[],
    )
  } finally {
    await client.end().catch(() => {})
  }
}

async function readPart(ask: Ask, part: PartName) {
  const outbox = await ask<Omit<OutboxRow, 'part'>>(
    `select id, topic, key, event_id as "eventId", event_type as type, sent_at is not null as sent from outbox order by id`,
  )
  const deadLetters = await ask<Omit<DeadLetterRow, 'part'>>(
    `select topic, partition, "offset", key, event_type as type, state, code || ': ' || reason as reason from dead_letters`,
  )
  return {
    outbox: outbox.map((row): OutboxRow => ({ ...row, part })),
    deadLetters: deadLetters.map((row): DeadLetterRow => ({ ...row, part })),
  }
}

const OF_ORDERS = '($1::uuid[] is null or order_id = any($1))'

async function readBasket(ask: Ask, scope?: Scope): Promise<BasketTables> {
  const [orders, customers] = [[scope?.orderIds ?? null], [scope?.customers ?? null]]
  return {
    checkouts: await ask(
      `select order_id as "orderId", customer_id as "customerId", basket_id as "basketId", status, total_minor as "totalMinor",
         unit_count as "unitCount" from checkouts where ${OF_ORDERS}`,
      orders,
    ),
    open: await ask(
      `select customer_id as "customerId", lines from baskets
       where status = 'Open' and ($1::text[] is null or customer_id = any($1))`,
      customers,
    ),
    keys: await ask(
      `select subject, key, body ->> 'orderId' as "orderId" from http_idempotency
       where body ->> 'orderId' is not null and status = 202 and ($1::text[] is null or subject = any($1))`,
      customers,
    ),
  }
}

async function readOrdering(ask: Ask, scope?: Scope): Promise<OrderingTables> {
  const values = [scope?.orderIds ?? null]
  return {
    orders: await ask<OrderRow>(
      `select order_id as "orderId", customer_id as "customerId", basket_id as "basketId", status, version, total_minor as "totalMinor",
         currency, unit_count as "unitCount", extract(epoch from now() - status_changed_at)::float8 as "sinceS"
       from orders where ${OF_ORDERS}`,
      values,
    ),
    steps: await ask<StepRow>(
      `select order_id as "orderId", version, type, (extract(epoch from occurred_at) * 1000)::bigint as "occurredAt", facts
       from order_steps where ${OF_ORDERS} order by order_id, version`,
      values,
    ),
    items: await ask(
      `select order_id as "orderId", product_id as "productId", sum(quantity)::int as quantity
       from order_items where ${OF_ORDERS} group by 1, 2`,
      values,
    ),
  }
}

async function readCatalog(ask: Ask, scope?: Scope): Promise<CatalogTables> {
  const products = [scope?.productIds ?? null]
  const OF_PRODUCTS = '($1::uuid[] is null or product_id = any($1))'
  return {
    stock: await ask(
      `select product_id as "productId", available, reserved, sold, stock_version as "stockVersion" from stock where ${OF_PRODUCTS}`,
      products,
    ),
    movements: await ask(
      `select product_id as "productId", stock_version as "stockVersion", reason, delta, available, reserved, sold, order_id as "orderId"
       from stock_movements where ${OF_PRODUCTS} order by product_id, stock_version`,
      products,
    ),
    reservations: await ask(`select order_id as "orderId", status from reservations where ${OF_ORDERS}`, [
      scope?.orderIds ?? null,
    ]),
  }
}

async function readPayment(ask: Ask, scope?: Scope): Promise<PaymentTables> {
  const orders = [scope?.orderIds ?? null]
  return {
    payments: await ask(
      `select order_id as "orderId", status, amount_minor as "amountMinor", attempts, refund_id as "refundId",
         extract(epoch from now() - due_at)::float8 as "dueSinceS" from payments where ${OF_ORDERS}`,
      orders,
    ),
    charges: await ask(
      `select key, amount_minor as "amountMinor", captured_at is not null as captured from provider.charges
       where ($1::text[] is null or key = any($1))`,
      orders,
    ),
    refunds: await ask(
      `select key, charge_key as "chargeKey", amount_minor as "amountMinor" from provider.refunds
       where ($1::text[] is null or charge_key = any($1))`,
      orders,
    ),
  }
}
