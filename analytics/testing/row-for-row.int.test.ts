import { afterEach, expect, it } from 'vitest'
import { seeded, seedOfRun } from '#pipelines/kernel/chance.ts'
import { type Harness, harness } from './harness.ts'
import { rowForRow } from './row-for-row.ts'
import { openWorkload, type Workload } from './workload.ts'

let shop: Harness
let workload: Workload
afterEach(async () => {
  await workload?.close()
  await shop?.close()
})

const seed = seedOfRun()

it(`compares what producers wrote with what the views show, and sees what is missing, doubled or other (SEED=${seed})`, async () => {
  shop = await harness()
  workload = await openWorkload(shop, seeded(seed))
  const ingest = await shop.startIngest()
  for (let i = 0; i < 12; i++) await workload.burst()
  await workload.finish()
  const compared = await rowForRow(shop)
  for (const count of Object.values(compared)) expect(count).toBeGreaterThan(0)
  await ingest.close()

  const { store } = shop.databases
  const [one] = await shop.rows<{ order_id: string }>(
    `SELECT order_id FROM ${store}.orders FINAL WHERE total_minor > 0 LIMIT 1`,
  )
  await change(`ALTER TABLE ${store}.orders UPDATE total_minor = 1 WHERE order_id = '${one?.order_id}'`)
  expect(await told()).toContain('"name":"total_minor"')
  await change(`ALTER TABLE ${store}.events UPDATE unknown_fields = '' WHERE type = 'UserCheckoutAccepted'`)
  expect(await told()).toContain('giftMessage')
  await change(`ALTER TABLE ${store}.dead_letters UPDATE value = 'other' WHERE value IS NOT NULL`)
  expect(await told()).toContain('6F74686572')
  await change(`ALTER TABLE ${store}.events UPDATE version = 99 WHERE type = 'OrderStarted'`)
  expect(await told()).toContain('"version":99')
  await change(`DELETE FROM ${store}.events WHERE type = 'OrderStarted'`)
  await change(
    `INSERT INTO ${store}.events (topic, partition, offset, type) SELECT topic, partition, offset + 1000000, 'OrderStarted' FROM ${store}.events FINAL LIMIT 100`,
  )
  expect(await told()).toContain(shop.topics.orders)
})

async function change(query: string) {
  await shop.db.command({ query, clickhouse_settings: { mutations_sync: '1' } })
}

/** What the comparison says is different. */
async function told(): Promise<string> {
  return await rowForRow(shop).then(
    () => 'nothing',
    ({ actual, expected }: { actual: unknown; expected: unknown }) => JSON.stringify([actual, expected]),
  )
}
