import { afterEach, expect, it } from 'vitest'
import { orderEvents } from '../testing/events.ts'
import { exactlyOnce } from '../testing/exactly-once.ts'
import { type Harness, harness } from '../testing/harness.ts'

let shop: Harness
afterEach(() => shop?.close())

const STORIES = [
  'Submitted',
  'Paid',
  'Shipped',
  'Refunded',
  'PaymentFailed',
  'StockRejected',
  'CancelledByCustomer',
] as const

/** Every published row, without when it came in. */
async function everything(): Promise<Record<string, readonly string[]>> {
  const { published } = shop.databases
  const contents: Record<string, readonly string[]> = {}
  for (const table of ['events', 'orders', 'dead_letters']) {
    const rows = await shop.rows<Record<string, unknown>>(`SELECT * FROM ${published}.${table}`)
    contents[table] = rows.map(({ ingested_at: _, ...row }) => JSON.stringify(row)).toSorted()
  }
  return contents
}

it('reads everything again from offset 0 when it has no positions, and every table says what it said', async () => {
  shop = await harness()
  const first = await shop.startIngest()
  await shop.publish(...STORIES.flatMap((story) => orderEvents(story)))
  await shop.publishBytes('orders', 0, Buffer.from('no frame'))
  await exactlyOnce(shop)
  const before = await everything()
  expect(before.orders).toHaveLength(STORIES.length)
  expect(before.dead_letters).toHaveLength(1)
  await first.close()

  // What it has read it knows by the events it has: without them it begins anew, over orders that know everything already.
  for (const table of ['events', 'dead_letters'])
    await shop.db.command({ query: `TRUNCATE TABLE ${shop.databases.store}.${table}` })
  expect((await everything()).events).toEqual([])
  const second = await shop.startIngest()
  await exactlyOnce(shop)
  expect(await everything()).toEqual(before)
  await second.healthy()
}, 120_000)
