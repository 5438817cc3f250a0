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

const PARTS = ['basket', 'catalog', 'ordering', 'payment'] as const

export interface Tables {
  readonly basket: BasketTables
  readonly ordering: OrderingTables
  readonly catalog: CatalogTables
  readonly payment: PaymentTables
  readonly outbox: readonly OutboxRow[]
  readonly deadLetters: readonly DeadLetterRow[]
}

/** Reads the services' tables by SQL of its own, each database in one snapshot. @throws whatever PostgreSQL says while it is away */
export async function readTables({ database }: Addresses): Promise<Tables> {
  const [basket, catalog, ordering, payment] = await Promise.all([
    snapshot(database('basket'), async (ask) => ({
      tables: await readBasket(ask),
      ...(await readPart(ask, 'basket')),
    })),
    snapshot(database('catalog'), async (ask) => ({
      tables: await readCatalog(ask),
      ...(await readPart(ask, 'catalog')),
    })),
    snapshot(database('ordering'), async (ask) => ({
      tables: await readOrdering(ask),
      ...(await readPart(ask, 'ordering')),
    })),
    snapshot(database('payment'), async (ask) => ({
      tables: await readPayment(ask),
      ...(await readPart(ask, 'payment')),
    })),
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

type Ask = <R>(text: string) => Promise<R[]>

async function snapshot<T>(url: string, read: (ask: Ask) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000, query_timeout: 60_000, types })
  client.on('error', () => {}) // the query under way tells
  await client.connect()
  try {
    await client.query('begin isolation level repeatable read read only')
    return await read(async <R>(text: string) => (await client.query(text)).rows as R[])
  } finally {
    await client.end().catch(() => {})
  }
}

async function readPart(ask: Ask, part: (typeof PARTS)[number]) {
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

async function readBasket(ask: Ask): Promise<BasketTables> {
  return {
    checkouts: await ask(
      `select order_id as "orderId", customer_id as "customerId", basket_id as "basketId", status, total_minor as "totalMinor",
         unit_count as "unitCount" from checkouts`,
    ),
    open: await ask(`select customer_id as "customerId", lines from baskets where status = 'Open'`),
    keys: await ask(
      `select subject, key, body ->> 'orderId' as "orderId" from http_idempotency where body ->> 'orderId' is not null and status = 202`,
    ),
  }
}

async function readOrdering(ask: Ask): Promise<OrderingTables> {
  return {
    orders: await ask<OrderRow>(
      `select order_id as "orderId", customer_id as "customerId", basket_id as "basketId", status, version, total_minor as "totalMinor",
         currency, unit_count as "unitCount", extract(epoch from now() - status_changed_at)::float8 as "sinceS" from orders`,
    ),
    steps: await ask<StepRow>(
      `select order_id as "orderId", version, type, (extract(epoch from occurred_at) * 1000)::bigint as "occurredAt", facts
       from order_steps order by order_id, version`,
    ),
    items: await ask(
      `select order_id as "orderId", product_id as "productId", sum(quantity)::int as quantity from order_items group by 1, 2`,
    ),
  }
}

async function readCatalog(ask: Ask): Promise<CatalogTables> {
  return {
    stock: await ask(
      `select product_id as "productId", available, reserved, sold, stock_version as "stockVersion" from stock`,
    ),
    movements: await ask(
      `select product_id as "productId", stock_version as "stockVersion", reason, delta, available, reserved, sold, order_id as "orderId"
       from stock_movements order by product_id, stock_version`,
    ),
    reservations: await ask(`select order_id as "orderId", status from reservations`),
  }
}

async function readPayment(ask: Ask): Promise<PaymentTables> {
  return {
    payments: await ask(
      `select order_id as "orderId", status, amount_minor as "amountMinor", attempts, refund_id as "refundId",
         extract(epoch from now() - due_at)::float8 as "dueSinceS" from payments`,
    ),
    charges: await ask(
      `select key, amount_minor as "amountMinor", captured_at is not null as captured from provider.charges`,
    ),
    refunds: await ask(`select key, charge_key as "chargeKey", amount_minor as "amountMinor" from provider.refunds`),
  }
}
