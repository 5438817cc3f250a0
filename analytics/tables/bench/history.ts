import type { ClickHouseClient } from '@clickhouse/client'
import { foldStatements } from '../fold-sql.ts'
import type { Databases } from '../migrate.ts'

/** A made-up past: orders evenly over some days, each with its events, and the movements of stock that they cause. */
export interface History {
  readonly orders: number
  readonly days: number
}

/** The last of it is not merged yet, as of a live shop: that share, in so many flushes. */
const UNMERGED = { share: 0.01, flushes: 3 } as const
/** What is older was written in so many, and merged. */
const OLDER_FLUSHES = 4

const PARTITIONS = 6
const PRODUCTS = 500

/** Seconds after the checkout, and what besides the common columns an event says. A tenth is cancelled instead of paid. */
const STEPS: readonly (readonly [
  topic: string,
  type: string,
  seconds: number,
  columns: string,
  cancelled?: boolean,
])[] = [
  [
    'order-checkouts',
    'UserCheckoutAccepted',
    0,
    "$items, customer AS customer_id, 2500 AS total_minor, 'EUR' AS currency, 'WEB' AS channel",
  ],
  ['orders', 'OrderStarted', 1, 'customer AS customer_id, 1 AS version, at AS placed_at'],
  [
    'submitted-orders',
    'OrderStatusChangedToSubmitted',
    1,
    "$items, customer AS customer_id, 2 AS version, at AS placed_at, 2500 AS total_minor, 'EUR' AS currency, 'AT' AS country",
  ],
  ['grace-period-confirmed', 'GracePeriodConfirmed', 60, '2 AS order_version'],
  [
    'orders-waiting-for-validation',
    'OrderStatusChangedToAwaitingValidation',
    61,
    'customer AS customer_id, 3 AS version, at AS placed_at',
  ],
  ['order-stock-statuses', 'OrderStockConfirmed', 62, '3 AS order_version'],
  [
    'stock-confirmed',
    'OrderStatusChangedToStockConfirmed',
    63,
    "customer AS customer_id, 4 AS version, 2500 AS total_minor, 'EUR' AS currency",
  ],
  [
    'payment-status',
    'OrderPaymentSucceeded',
    65,
    "generateUUIDv4() AS payment_id, 2500 AS amount_minor, 'EUR' AS currency, 'sim' AS provider",
    false,
  ],
  [
    'paid-orders',
    'OrderStatusChangedToPaid',
    66,
    "customer AS customer_id, 5 AS version, 2500 AS total_minor, 'EUR' AS currency",
    false,
  ],
  [
    'shipped-orders',
    'OrderStatusChangedToShipped',
    86_400,
    "customer AS customer_id, 6 AS version, 'DHL' AS carrier",
    false,
  ],
  [
    'cancelled-orders',
    'OrderStatusChangedToCancelled',
    70,
    "customer AS customer_id, 5 AS version, 'PAYMENT' AS reason",
    true,
  ],
]

const ITEM =
  "CAST([(1, product, 'S', concat('Product ', toString(n % PRODUCTS)), 'Brand', 'Category', 1250, 1, 2)], 'Array(Tuple(line_no Int32, product_id UUID, sku String, name String, brand LowCardinality(String), category LowCardinality(String), unit_price_minor Int64, price_version Int32, quantity Int32))') AS items"

/** Writes it as the ingest's tables hold it, ending now. */
export async function writeHistory(
  db: ClickHouseClient,
  { store }: Databases,
  { orders, days }: History,
): Promise<void> {
  const run = (query: string) =>
    db.command({ query, clickhouse_settings: { max_insert_threads: '1', optimize_on_insert: 0 } })
  const stepMs = (days * 86_400_000) / orders
  const beganMs = Date.now() - days * 86_400_000
  const recentFrom = Math.floor(orders * (1 - UNMERGED.share))
  const recentSince = new Date(beganMs + recentFrom * stepMs).toISOString().replace('T', ' ').slice(0, 19)

  async function flush(from: number, to: number) {
    const source = `SELECT number + ${from} AS n, ${beganMs} + toInt64(n * ${stepMs}) AS ms,
      fromUnixTimestamp64Milli(ms, 'UTC') AS at, lower(hex(sipHash128(n))) AS h, leftPad(lower(hex(toUInt64(ms))), 16, '0') AS t,
      toUUID(concat(substring(t, 5, 8), '-', substring(t, 13, 4), '-7', substring(h, 1, 3), '-8', substring(h, 4, 3), '-', substring(h, 7, 12))) AS id,
      concat('customer-', toString(sipHash64(n) % 50000)) AS customer,
      reinterpretAsUUID(sipHash128('product', n % ${PRODUCTS})) AS product
      FROM numbers(${to - from})`
    for (const [topic, type, seconds, columns, cancelled] of STEPS) {
      const only = cancelled === undefined ? '1' : `(n % 10 = 0) = ${cancelled}`
      const said = columns.replace('$items', ITEM.replaceAll('PRODUCTS', String(PRODUCTS)))
      const names = said.match(/ AS (\w+)(?=,|$)/g)?.map((name) => name.slice(4)) ?? []
      await run(`INSERT INTO ${store}.events (topic, partition, offset, type, recorded_at, ingested_at, event_id, occurred_at, order_id, ${names.join(', ')})
        SELECT '${topic}', toInt32(n % ${PARTITIONS}), intDiv(n, ${PARTITIONS}), '${type}', e, e, generateUUIDv4(), e, id, ${names.join(', ')}
        FROM (SELECT *, at + toIntervalSecond(${seconds}) AS e, ${said} FROM (${source})) WHERE ${only}`)
    }
    await run(`INSERT INTO ${store}.events (topic, partition, offset, type, recorded_at, ingested_at, event_id, occurred_at, product_id, stock_version, available, reserved, delta, reason)
      SELECT 'product-stock-changes', toInt32(n % ${PARTITIONS}), intDiv(n, ${PARTITIONS}), 'ProductStockChanged', at, at, generateUUIDv4(), at, product, intDiv(n, ${PRODUCTS}), 1000, 0, -2, 'SOLD' FROM (${source})`)
  }

  async function flushes(from: number, to: number, many: number) {
    for (let n = 0; n < many; n++)
      await flush(Math.floor(from + ((to - from) * n) / many), Math.floor(from + ((to - from) * (n + 1)) / many))
  }

  await run(`INSERT INTO ${store}.events (topic, partition, offset, type, recorded_at, ingested_at, event_id, occurred_at, product_id, price_version, new_price_minor, currency, name)
    SELECT 'product-price-changes', 0, number, 'ProductPriceChanged', now64(3), now64(3), generateUUIDv4(), fromUnixTimestamp64Milli(${beganMs} + number * 1000, 'UTC'),
      reinterpretAsUUID(sipHash128('product', number % ${PRODUCTS})), intDiv(number, ${PRODUCTS}), 1250, 'EUR', 'Product' FROM numbers(${PRODUCTS * 20})`)
  await flushes(0, recentFrom, OLDER_FLUSHES)
  for (const statement of foldStatements(store, '1')) await run(statement)
  for (const table of ['events', 'orders']) await run(`OPTIMIZE TABLE ${store}.${table} FINAL`)
  await run(`CREATE TABLE ${store}.orders_before AS ${store}.orders ENGINE = AggregatingMergeTree ORDER BY order_id`)
  for (const index of ['by_time', 'by_customer']) await run(`ALTER TABLE ${store}.orders_before DROP INDEX ${index}`)
  await run(`INSERT INTO ${store}.orders_before SELECT * FROM ${store}.orders`)
  await run(`OPTIMIZE TABLE ${store}.orders_before FINAL`)
  await flushes(recentFrom, orders, UNMERGED.flushes)
  for (const statement of foldStatements(store, `occurred_at >= '${recentSince}'`))
    for (const table of ['orders', 'orders_before'])
      await run(statement.replace(`${store}.orders `, `${store}.${table} `))
}
