import type { ClickHouseClient } from '@clickhouse/client'
import type { Databases } from '../migrate.ts'

export interface Question {
  readonly name: string
  readonly before: string
  readonly now: string
}

const HOUR = "now64(3, 'UTC') - INTERVAL 1 HOUR"

/** Questions of the dashboards and of analysts, as they were asked before and are now, about an order from the middle of the history. */
export async function questionsOf(db: ClickHouseClient, { published, store }: Databases): Promise<readonly Question[]> {
  const rows = async (query: string) =>
    (await (await db.query({ query, format: 'JSONEachRow' })).json<Record<string, string>>())[0] ?? {}
  const { id = '', customer = '' } = await rows(
    `SELECT toString(order_id) AS id, customer_id AS customer FROM ${store}.orders WHERE customer_id != '' AND paid_at IS NOT NULL
     ORDER BY abs(dateDiff('second', first_event_at, (SELECT avg(toUnixTimestamp(first_event_at)) FROM ${store}.orders)::DateTime)) LIMIT 1`,
  )
  const { since = '' } = await rows(`SELECT toString(${HOUR}) AS since`)
  const old = (sql: string, tail = '') => sql.replace('$orders', `(SELECT * FROM ${store}.orders_before FINAL)`) + tail
  const none = " SETTINGS ignore_data_skipping_indices = 'by_order,by_time'"
  const revenue = `SELECT toStartOfMinute(payment_succeeded_at) AS time, sum(charged_minor) FROM $orders WHERE payment_succeeded_at >= '${since}' GROUP BY time`
  const both = (name: string, sql: string, from: string): Question => ({
    name,
    before: old(sql),
    now: sql.replace('$orders', from),
  })
  const view = (name: string, sql: string): Question => ({ name, before: sql + none, now: sql })
  return [
    both('revenue of the last hour', revenue, `${published}.orders_since(since = '${since}')`),
    both(
      'revenue of all time by day',
      'SELECT toDate(payment_succeeded_at) AS time, sum(charged_minor) FROM $orders GROUP BY time',
      `${published}.orders`,
    ),
    both('one order by id', `SELECT * FROM $orders WHERE order_id = '${id}'`, `${published}.orders`),
    both(
      'orders of a customer',
      `SELECT order_id, total_minor FROM $orders WHERE customer_id = '${customer}'`,
      `${published}.orders`,
    ),
    {
      name: 'events of one order',
      before: `SELECT topic, partition, offset, type FROM ${published}.events WHERE order_id = '${id}'${none}`,
      now: `SELECT topic, partition, offset, type FROM ${published}.order_events WHERE order_id = '${id}'`,
    },
    {
      name: 'events of the last hour, by topic',
      before: `SELECT topic, count() FROM ${published}.events WHERE ingested_at >= '${since}' GROUP BY topic${none}`,
      now: `SELECT topic, count() FROM ${published}.events_since(since = '${since}') GROUP BY topic`,
    },
    {
      name: 'stock movements of the last hour',
      before: `SELECT count() FROM ${published}.product_stock_changed WHERE occurred_at >= '${since}'${none}`,
      now: `SELECT count() FROM ${published}.stock_history_since(since = '${since}')`,
    },
    view('price history', `SELECT count(), max(valid_to) FROM ${published}.price_history`),
    view('product sales of all time', `SELECT name, sum(units) FROM ${published}.product_sales GROUP BY name`),
    view(
      'checkout funnel of all time',
      `SELECT sum(checked_out), sum(paid), sum(shipped) FROM ${published}.checkout_funnel`,
    ),
  ]
}
