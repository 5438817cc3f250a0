import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { DAY } from '#pipelines/kernel/clock.ts'
import { newId } from '#pipelines/kernel/ids.ts'
import type { Ingest } from '../ingest/ingest.ts'
import { storedPositions } from '../ingest/positions.ts'
import { completeness } from '../queries/completeness.ts'
import { openReader } from '../store.ts'
import { orderEvents } from '../testing/events.ts'
import { exactlyOnce } from '../testing/exactly-once.ts'
import { type Harness, harness } from '../testing/harness.ts'
import { rebuild } from '../upkeep/rebuild.ts'
import { dropOldEvents } from '../upkeep/retention.ts'
import { applyLayout, DEFAULT_LAYOUT, type Layout } from './layout.ts'

const MONTHS: Layout = { ...DEFAULT_LAYOUT, partition: { events: 'month', orders: 'day' } }
/** The topics of all tests here, and of each test its own databases. Records of the tests before are taken in again. */
let topics: Harness
let shop: Harness
beforeAll(async () => {
  topics = await harness()
}, 60_000)
afterAll(() => topics?.close())
beforeEach(async () => {
  shop = await topics.another()
})
afterEach(() => shop?.close())

const tables = () =>
  shop.rows<{ name: string; by: string; ttl: string }>(
    `SELECT name, partition_key AS by, extract(create_table_query, 'toIntervalDay\\\\((\\\\d+)\\\\)') AS ttl FROM system.tables
     WHERE database = '${shop.databases.store}' AND name IN ('events', 'orders', 'dead_letters', 'imported_lines', 'imported_orders') ORDER BY name`,
  )

async function strip() {
  const reader = openReader({
    clickhouseUrl: shop.clickhouseUrl,
    clickhouseUser: 'default',
    clickhousePassword: '',
    clickhouseDatabase: shop.databases.published,
  })
  try {
    const rows = await completeness(reader, await shop.ranges())
    const sum = (of: (row: (typeof rows)[number]) => number) => rows.reduce((all, row) => all + of(row), 0)
    return { missing: sum((row) => row.missing), twice: sum((row) => row.twice), lag: sum((row) => row.lag) }
  } finally {
    await reader.close()
  }
}

const rebuilt = (layout: Layout) =>
  rebuild({
    db: shop.db,
    databases: shop.databases,
    topics: Object.values(shop.topics),
    ranges: () => shop.ranges(),
    ingestInto: (into) => shop.startIngest({ into, groupId: `rebuild-${newId()}` }),
    progress: () => {},
    layout,
  })

it('partitions empty tables, changes days in place, and says what has to wait for a rebuild', async () => {
  const layout: Layout = { ...MONTHS, keepDays: { events: 30, orders: 400, deadLetters: 7, imported: 90 } }
  expect(await applyLayout(shop.db, shop.databases, layout)).toEqual([])
  const expected = [
    { name: 'dead_letters', by: '', ttl: '7' },
    { name: 'events', by: 'toYYYYMM(recorded_at)', ttl: '' },
    { name: 'imported_lines', by: '', ttl: '90' },
    { name: 'imported_orders', by: '', ttl: '90' },
    { name: 'orders', by: "toDate(UUIDv7ToDateTime(order_id, 'UTC'))", ttl: '400' },
  ]
  expect(await tables()).toEqual(expected)
  expect(await applyLayout(shop.db, shop.databases, layout)).toEqual([])
  await shop.startIngest()
  await shop.publish(...orderEvents('Shipped'))
  await exactlyOnce(shop)
  const week: Layout = { ...DEFAULT_LAYOUT, partition: { events: 'week', orders: 'day' } }
  expect(await applyLayout(shop.db, shop.databases, week)).toEqual([
    'events is partitioned by toYYYYMM(recorded_at), and is to be by toMonday(recorded_at): eshop analytics rebuild does it',
  ])
  expect((await tables()).map(({ ttl }) => ttl)).toEqual(['', '', '', '', ''])
})

it('drops orders by the time in their ids, whole, and never one without a time', async () => {
  await applyLayout(shop.db, shop.databases, {
    ...DEFAULT_LAYOUT,
    keepDays: { ...DEFAULT_LAYOUT.keepDays, orders: 30 },
  })
  const old = `01234567-89ab-7${newId().slice(15)}` // made in 2010
  const rows = [old, newId(), '4dd1ef28-5ea4-4b57-a6b5-a4e0b0a2d8f4'].flatMap((order_id) => [
    { order_id, paid_at: '2026-01-01 00:00:00.000' },
    { order_id, checked_out_at: '2026-01-01 00:00:00.000' },
  ])
  for (const row of rows)
    await shop.db.insert({ table: `${shop.databases.store}.orders`, values: [row], format: 'JSONEachRow' })
  await shop.db.command({ query: `OPTIMIZE TABLE ${shop.databases.store}.orders FINAL` })
  const left = await shop.rows<{ order_id: string }>(
    `SELECT order_id, paid_at IS NOT NULL AND checked_out_at IS NOT NULL AS whole FROM ${shop.databases.store}.orders`,
  )
  expect(left).toHaveLength(2)
  expect(left).toEqual(left.map(({ order_id }) => ({ order_id, whole: 1 })))
  expect(left.map(({ order_id }) => order_id)).not.toContain(old)
})

it('takes every record in once when a crash left the last part of an insert without the first', async () => {
  await applyLayout(shop.db, shop.databases, MONTHS)
  await shop.publish(...Array.from({ length: 20 }, () => orderEvents('Shipped')).flat())
  // Of one insert into two months the later alone.
  const halves = [...(await shop.counts())].map(([place, count]) => {
    const cut = place.lastIndexOf('/')
    return { topic: place.slice(0, cut), partition: Number(place.slice(cut + 1)), offset: count - 1 }
  })
  const recorded_at = new Date().toISOString().replace('T', ' ').replace('Z', '')
  await shop.db.insert({
    table: `${shop.databases.store}.events`,
    values: halves.map((place) => ({ ...place, type: 'DeadLetter', recorded_at })),
    format: 'JSONEachRow',
  })
  const ingest = await shop.startIngest()
  await exactlyOnce(shop)
  // And its position is known to the next one.
  await ingest.close()
  const before = await shop.rows(`SELECT count() AS n FROM ${shop.databases.store}.events`)
  await shop.startIngest()
  await shop.publish(...orderEvents('Paid'))
  await exactlyOnce(shop)
  const [{ n: then = 0 } = {}] = before as { n: number }[]
  const [{ n: now = 0 } = {}] = await shop.rows<{ n: number }>(
    `SELECT count() AS n FROM ${shop.databases.store}.events`,
  )
  expect(now).toBeLessThanOrEqual(then + orderEvents('Paid').length)
  expect(await strip()).toEqual({ missing: 0, twice: 0, lag: 0 })
}, 120_000)

/** Where the events have partitions, positions are written a moment after the events: only what lies below them is dropped. */
const positionsWritten = () =>
  expect
    .poll(
      async () => {
        const positions = await storedPositions(shop.db, shop.databases, Object.values(shop.topics))
        return [...(await shop.counts())].filter(([place, count]) => positions.get(place) !== count)
      },
      { timeout: 30_000 },
    )
    .toEqual([])

/** From one partition to months and back: each round begins in one of the two and is rebuilt into the other. */
const ROUNDS = [
  [DEFAULT_LAYOUT, MONTHS],
  [MONTHS, DEFAULT_LAYOUT],
] as const

it('drops old events, in one partition and by month: positions stay, completeness holds, also over a rebuild into the other layout while the ingest goes on, which reads them again', async () => {
  const { store, published } = shop.databases
  const count = async (from = 'events') =>
    (await shop.rows<{ n: number }>(`SELECT count() AS n FROM ${published}.${from}`))[0]?.n ?? 0
  let ingest: Ingest | undefined
  for (const [layout, next] of ROUNDS) {
    // One that ran over the rebuild asks after ten seconds only whether the events have partitions now (`ingest/writer.ts`).
    await ingest?.close()
    ingest = await shop.startIngest()
    await shop.publish(...orderEvents('Shipped'), ...orderEvents('PaymentFailed'))
    await exactlyOnce(shop)
    await positionsWritten()
    const [events, orders] = [await count(), await count('orders')]

    // All of them are old: not a row is left, and the position is.
    expect(await dropOldEvents(shop.db, shop.databases, 5, Date.now())).toBe(0)
    expect(await dropOldEvents(shop.db, shop.databases, 5, Date.now() + 10 * DAY)).toBeGreaterThanOrEqual(events)
    expect(await count()).toBe(0)
    expect(await strip()).toEqual({ missing: 0, twice: 0, lag: 0 })
    await ingest.close()
    ingest = await shop.startIngest()
    await shop.publish(...orderEvents('Shipped'))
    await expect.poll(() => count(), { timeout: 60_000 }).toBe(orderEvents('Shipped').length)

    // A record that is young lies before one that is old: nothing behind it goes. (Of a key of partitions no row can be changed.)
    if (layout === DEFAULT_LAYOUT) {
      await shop.db.command({
        query: `ALTER TABLE ${store}.events UPDATE recorded_at = recorded_at - INTERVAL 1 DAY WHERE type = 'OrderStarted'`,
        clickhouse_settings: { mutations_sync: '2' },
      })
      expect(await dropOldEvents(shop.db, shop.databases, 1, Date.now())).toBe(0)
    }
    expect(await dropOldEvents(shop.db, shop.databases, 0, Date.now() + 10 * DAY)).toBe(0)
    expect(await strip()).toEqual({ missing: 0, twice: 0, lag: 0 })
    expect(await count('orders')).toBe(orders + 1)

    await rebuilt({ ...next, keepDays: { ...next.keepDays, events: 3650 } })
    await shop.publish(...orderEvents('Paid'))
    await exactlyOnce(shop)
    const partitioned = (await tables()).filter(({ by }) => by !== '').map(({ name }) => name)
    expect(partitioned).toEqual(next === MONTHS ? ['events', 'orders'] : [])
    expect(await strip()).toEqual({ missing: 0, twice: 0, lag: 0 })
    expect(await count('orders')).toBe(orders + 2)
  }
}, 240_000)
