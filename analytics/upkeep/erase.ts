import { createHash } from 'node:crypto'
import type { ClickHouseClient } from '@clickhouse/client'
import { UsageError } from '#pipelines/kernel/errors.ts'
import { type Changing, changing } from '../tables/changing.ts'
import type { Databases } from '../tables/migrate.ts'

export interface Erased {
  readonly orders: number
  readonly events: number
  readonly deadLetters: number
}

/** What a dead letter says whose bytes were erased. A rebuild reads it. */
export const ERASED_REASON = 'erased with the data of a customer'

/** What stands in one statement: far below ClickHouse's limit of a statement's length. */
const AT_ONCE = { orders: 5_000, customers: 2_000, deadLetters: 2_000 } as const

/**
 * Erases a customer's personal data: the id, the card's last digits, tracking numbers and unknown fields, in events and orders, and the
 * bytes of dead letters that name the customer. Orders, amounts and times stay, so that sums do. Doing it again changes nothing.
 * Kafka keeps its records as long as its retention says; what is read from it again is erased again (`eraseAgain`).
 */
export async function eraseCustomer(db: ClickHouseClient, databases: Databases, customerId: string): Promise<Erased> {
  const { store } = databases
  const how = await changing(db, databases)
  // An empty one would be found in every dead letter.
  if (customerId.trim() === '') throw new UsageError('CUSTOMER_EMPTY', 'say which customer, as events name them')
  // 1. Remembered first, by hash only: a crash from here on is made good by `eraseAgain`.
  const customer = createHash('sha256').update(customerId).digest('hex')
  await db.insert({ table: `${store}.erasures`, values: [{ customer }], format: 'JSONEachRow' })
  // 2. Dead letters: nobody could read them, so their bytes are searched for the id.
  const deadLetters = await eraseDeadLetters(db, databases, how, customerId)
  // 3. Events and orders.
  return { ...(await eraseHashed(db, databases)), deadLetters }
}

/** By their places, as orders are by their ids: ClickHouse keeps the text of a mutation, in a table of its own and in a file, long after it is done. */
async function eraseDeadLetters(
  db: ClickHouseClient,
  { store }: Databases,
  how: Changing,
  customerId: string,
): Promise<number> {
  // Without FINAL: what one row hides lies on the disk all the same.
  const answer = await db.query({
    query: `SELECT DISTINCT topic, partition, toString(offset) AS offset FROM ${store}.dead_letters
      WHERE position(ifNull(value, ''), {id:String}) > 0 OR position(ifNull(key, ''), {id:String}) > 0
        OR arrayExists(header -> position(header, {id:String}) > 0, mapValues(headers))`,
    query_params: { id: customerId },
    format: 'JSONEachRow',
  })
  const found = await answer.json<{ topic: string; partition: number; offset: string }>()
  for (const some of chunks(found, AT_ONCE.deadLetters)) {
    const theirs = some.map(({ topic, partition, offset }) => `(${literal(topic)}, ${partition}, ${offset})`)
    await db.command({
      query: `ALTER TABLE ${how.target('dead_letters')} UPDATE key = NULL, value = NULL, headers = map(), reason = '${ERASED_REASON}' WHERE (topic, partition, offset) IN (${theirs.join(', ')})`,
      clickhouse_settings: how.settings,
    })
  }
  return found.length
}

/** Erases what has come since of customers who were erased: late records, and all of them after a rebuild. */
export async function eraseAgain(db: ClickHouseClient, databases: Databases): Promise<Omit<Erased, 'deadLetters'>> {
  const known = await count(db, `SELECT count() AS rows FROM ${databases.store}.erasures`)
  return known === 0 ? { orders: 0, events: 0 } : await eraseHashed(db, databases)
}

async function eraseHashed(db: ClickHouseClient, { store }: Databases): Promise<Omit<Erased, 'deadLetters'>> {
  const erased = `customer_id != '' AND lower(hex(SHA256(customer_id))) IN (SELECT toString(customer) FROM ${store}.erasures)`
  const answer = await db.query({
    query: `SELECT DISTINCT toString(order_id) AS id FROM (
      SELECT order_id FROM ${store}.orders WHERE ${erased} UNION ALL
      SELECT assumeNotNull(order_id) FROM ${store}.events WHERE ${erased})`,
    format: 'JSONEachRow',
  })
  const ids = (await answer.json<{ id: string }>()).map(({ id }) => id)
  let events = 0
  const how = await changing(db, { store })
  for (const some of chunks(ids, AT_ONCE.orders)) {
    const theirs = `order_id IN (${some.map(literal).join(', ')})`
    events += await count(db, `SELECT count() AS rows FROM ${store}.events FINAL WHERE ${theirs}`)
    // Orders last: they are what the ids are found by, should this break off.
    await db.command({
      query: `ALTER TABLE ${how.target('events')} UPDATE customer_id = '', card_last4 = NULL, tracking_number = NULL, unknown_fields = '' WHERE ${theirs}`,
      clickhouse_settings: how.settings,
    })
    await db.command({
      query: `ALTER TABLE ${how.target('orders')} UPDATE customer_id = '', tracking_number = NULL WHERE ${theirs}`,
      clickhouse_settings: how.settings,
    })
  }
  return { orders: ids.length + (await eraseImported(db, store, how, erased)), events }
}

/**
 * Past orders from files. A file that is loaded again brings a customer again, and is erased again. By hashes that are written out: a replicated table takes
 * no mutation with a subquery, as each server would answer it for itself.
 */
async function eraseImported(db: ClickHouseClient, store: string, how: Changing, erased: string): Promise<number> {
  const hash = 'lower(hex(SHA256(customer_id)))'
  const answer = await db.query({
    query: `SELECT ${hash} AS hash, toUInt32(count()) AS orders FROM ${store}.imported_orders FINAL WHERE ${erased} GROUP BY hash`,
    format: 'JSONEachRow',
  })
  const found = await answer.json<{ hash: string; orders: number }>()
  for (const some of chunks(found, AT_ONCE.customers)) {
    const theirs = `customer_id != '' AND ${hash} IN (${some.map((one) => literal(one.hash)).join(', ')})`
    // Orders last: they are what is counted, should this break off.
    for (const table of ['imported_lines', 'imported_orders'])
      await db.command({
        query: `ALTER TABLE ${how.target(table)} UPDATE customer_id = '' WHERE ${theirs}`,
        clickhouse_settings: how.settings,
      })
  }
  return found.reduce((sum, { orders }) => sum + orders, 0)
}

function chunks<T>(all: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, index) => all.slice(index * size, (index + 1) * size))
}

async function count(db: ClickHouseClient, query: string, params: Record<string, string> = {}): Promise<number> {
  const answer = await db.query({
    query,
    query_params: params,
    format: 'JSONEachRow',
    clickhouse_settings: { output_format_json_quote_64bit_integers: 0 },
  })
  const [row] = await answer.json<{ rows: number }>()
  return row?.rows ?? 0
}

function literal(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}
