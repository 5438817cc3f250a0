import type { ClickHouseClient } from '@clickhouse/client'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { newId } from '#pipelines/kernel/ids.ts'
import { askPanel } from '../panels/ask.ts'
import { OWN_PANELS, readPanels } from '../panels/read.ts'
import { openReader } from '../store.ts'
import { orderEvents } from '../testing/events.ts'
import { exactlyOnce } from '../testing/exactly-once.ts'
import { type Harness, harness } from '../testing/harness.ts'
import { completeness } from './completeness.ts'

const TOPIC = 'orders'
let shop: Harness
let reader: ClickHouseClient
beforeEach(async () => {
  shop = await harness()
  reader = openReader({
    clickhouseUrl: shop.clickhouseUrl,
    clickhouseUser: 'default',
    clickhousePassword: '',
    clickhouseDatabase: shop.databases.published,
  })
})
afterEach(async () => {
  await reader?.close()
  await shop?.close()
})

/** What REST and the strip on the page say of the topic; they must say the same. */
async function told() {
  const ranges = await shop.ranges()
  const rest = (await completeness(reader, ranges)).find(({ topic }) => topic === shop.topics[TOPIC])
  const panel = (await readPanels([OWN_PANELS])).panels.find(({ id }) => id === 'pipeline-completeness')
  if (!rest || !panel) throw new TypeError('no strip')
  const span = { from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z', stepSeconds: 60, timezone: 'UTC' }
  const asked = { ...span, values: {}, asker: 'test' }
  const { columns, rows } = await askPanel(reader, panel, asked, async () => ranges, new AbortController().signal)
  const row = rows.find(([topic]) => topic === shop.topics[TOPIC]) ?? []
  const strip = Object.fromEntries(columns.map(({ name }, index) => [name, Number(row[index])]))
  const { inKafka, stored, older, lag, missing, twice, goneUnread } = rest
  expect(strip).toMatchObject({
    in_kafka: inKafka,
    in_clickhouse: stored,
    older,
    lag,
    missing,
    twice,
    gone_unread: goneUnread,
  })
  return { inKafka, stored, older, lag, missing, twice, goneUnread }
}

const started = () => orderEvents('Shipped', { orderId: newId() }).filter(({ type }) => type === 'OrderStarted')
const publish = (orders: number) => shop.publish(...Array.from({ length: orders }, started).flat())

/** Drops what the topic holds but its newest record in each partition. */
async function truncate() {
  const held = (await shop.ranges()).filter(({ topic, end }) => topic === shop.topics[TOPIC] && end > 0)
  for (const { partition, end } of held) await shop.dropBelow(TOPIC, partition, end - 1)
  return held.length
}

it('begins at the first record that Kafka still holds: what is older is told apart, and not called wrong', async () => {
  const ingest = await shop.startIngest()
  await publish(20)
  await exactlyOnce(shop)
  expect(await told()).toMatchObject({ inKafka: 20, stored: 20, older: 0, missing: 0, goneUnread: 0 })
  const left = await truncate()
  const cut = { inKafka: left, stored: left, older: 20 - left, lag: 0, missing: 0, twice: 0, goneUnread: 0 }
  expect(await told()).toEqual(cut)

  // What Kafka drops before anybody reads it is gone: neither missing, which reading would mend, nor waited for.
  await ingest.close()
  await publish(20)
  const kept = await truncate()
  const waiting = await told()
  expect(waiting).toMatchObject({ inKafka: kept, stored: 0, older: 20, lag: kept, missing: 0, twice: 0 })
  await shop.startIngest()
  await expect.poll(told, { timeout: 60_000 }).toEqual({
    ...waiting,
    stored: kept,
    lag: 0,
    goneUnread: 20 - kept,
  })
}, 120_000)

it('begins there too for tables that were made after it, and still finds a hole behind it', async () => {
  await publish(20)
  const left = await truncate()
  await shop.startIngest()
  const fresh = { inKafka: left, stored: left, older: 0, lag: 0, missing: 0, twice: 0, goneUnread: 0 }
  await expect.poll(told, { timeout: 60_000 }).toEqual(fresh)
  await publish(20)
  await expect.poll(told, { timeout: 60_000 }).toMatchObject({ stored: left + 20, lag: 0, missing: 0 })
  const [{ partition = 0, first = 0 } = {}] = (await shop.ranges()).filter(({ topic }) => topic === shop.topics[TOPIC])
  await shop.db.command({
    query: `ALTER TABLE ${shop.databases.store}.events DELETE WHERE topic = '${shop.topics[TOPIC]}' AND partition = ${partition} AND offset = ${first + 1}`,
    clickhouse_settings: { mutations_sync: '2' },
  })
  expect(await told()).toMatchObject({ inKafka: left + 20, stored: left + 19, missing: 1, lag: 0 })
}, 120_000)
