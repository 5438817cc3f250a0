import { Readable } from 'node:stream'
import type { ClickHouseClient } from '@clickhouse/client'
import type { ShopEvent } from '#schemas/generated/events.ts'
import { WordColumn } from '../../ingest/columns/column.ts'
import { writeBlock } from '../../ingest/columns/native.ts'
import { Out } from '../../ingest/columns/out.ts'
import { wire } from '../../ingest/decode/wire.ts'
import type { Databases } from '../../tables/migrate.ts'
import { orderColumns } from '../../tables/order-sources.ts'
import { orderPatchOf } from '../../testing/order-patch.ts'
import { idOfCopy } from '../traffic/copy.ts'
import { COPY_MS, type Model } from '../traffic/workload.ts'

/**
 * What the order table must hold, made another way: the model orders' events said by hand (`order-patch.ts`) and folded by ClickHouse,
 * and for each order sent which copy of which model it is. Kept in a database of its own, for both sides.
 */
export async function layOracle(
  db: ClickHouseClient,
  store: string,
  oracle: string,
  models: readonly Model[],
  orders: number,
) {
  await db.command({ query: `CREATE DATABASE ${oracle}` })
  await db.command({ query: `CREATE TABLE ${oracle}.models AS ${store}.orders` })
  await db.command({
    query: `CREATE TABLE ${oracle}.orders (order_id UUID, model UUID, copy Int32) ENGINE = MergeTree ORDER BY order_id`,
  })
  const rows = models.flatMap(({ inputs }) => inputs.map((event) => orderPatchOf(event as ShopEvent)))
  await db.insert({ table: `${oracle}.models`, values: rows as object[], format: 'JSONEachRow' })
  const [ids, of, copies] = [new WordColumn('UUID', 4), new WordColumn('UUID', 4), new WordColumn('Int32', 1)]
  for (const column of [ids, of, copies]) column.reserve(orders)
  for (let n = 0; n < orders; n++) {
    const [model, copy] = [models[n % models.length] as Model, Math.floor(n / models.length)]
    const id = model.ids[0] as string
    wire.uuid(idOfCopy(id, copy), 0, ids.words, 4 * n)
    wire.uuid(Buffer.from(id), 0, of.words, 4 * n)
    copies.words[n] = copy
  }
  for (const column of [ids, of, copies]) column.rows = orders
  const out = new Out()
  const columns = { order_id: ids, model: of, copy: copies }
  writeBlock(
    out,
    Object.entries(columns).map(([name, column]) => ({ name, column })),
    orders,
  )
  const { stream } = await db.exec({
    query: `INSERT INTO ${oracle}.orders FORMAT Native`,
    values: Readable.from(out.done(), { objectMode: false }),
  })
  for await (const _nothing of stream);
}

/** Ids differ from copy to copy, so they are counted instead. */
const OWN_IDS = new Set(['customer_id', 'basket_id', 'payment_id', 'refund_id'])

/** What is wrong with a side's result; empty if nothing is. Reads the published views, as an analyst would. */
export async function wrongs(
  db: ClickHouseClient,
  { published }: Databases,
  oracle: string,
  expected: { readonly records: number; readonly poison: number; readonly orders: number; readonly join: boolean },
): Promise<string[]> {
  const one = async (query: string) => {
    const answer = await db.query({
      query,
      format: 'JSONEachRow',
      clickhouse_settings: { output_format_json_quote_64bit_integers: 0 },
    })
    return ((await answer.json<Record<string, number>>())[0] ?? {}) as Record<string, number>
  }
  const found: string[] = []
  const same = (what: string, is: number | undefined, should: number) => {
    if (is !== should) found.push(`${what}: ${is} instead of ${should}`)
  }
  const events = await one(
    `SELECT count() AS records, countIf(type = 'DeadLetter') AS dead, uniqExact(topic, partition, offset) AS different FROM ${published}.events`,
  )
  same('records', events.records, expected.records)
  same('different places', events.different, expected.records)
  same('dead letters', events.dead, expected.poison)
  if (!expected.join) return found
  const compared = orderColumns
    .filter(({ name }) => !OWN_IDS.has(name))
    .map(({ name, type }) => ({
      name,
      holds: type.includes('DateTime64')
        ? `ifNull(toUnixTimestamp64Milli(o.${name}) - copy * ${COPY_MS}, -1) = ifNull(toUnixTimestamp64Milli(m.${name}), -1)`
        : type.includes('Nullable')
          ? `(o.${name} = m.${name} OR (o.${name} IS NULL AND m.${name} IS NULL))`
          : `o.${name} = m.${name}`,
    }))
  // Says which column it is, should any differ.
  const joined = await one(
    `SELECT count() AS orders, countIf(${compared.map(({ holds }) => holds).join(' AND ')}) AS right,
       ${compared.map(({ name, holds }) => `countIf(NOT (${holds})) AS wrong_${name}`).join(', ')}
     FROM ${published}.orders AS o INNER JOIN ${oracle}.orders AS c ON o.order_id = c.order_id
       INNER JOIN (SELECT * FROM ${oracle}.models FINAL) AS m ON c.model = m.order_id`,
  )
  const all = await one(`SELECT count() AS orders FROM ${published}.orders`)
  same('orders', all.orders, expected.orders)
  same('orders known', joined.orders, expected.orders)
  same('orders right', joined.right, expected.orders)
  for (const { name } of compared) same(`orders with another ${name}`, joined[`wrong_${name}`], 0)
  return found
}
