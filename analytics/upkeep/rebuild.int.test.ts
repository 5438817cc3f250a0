import { afterEach, expect, it } from 'vitest'
import { pause } from '#pipelines/kernel/lifecycle.ts'
import { randomName } from '#pipelines/testing/names.ts'
import { orderEvents } from '../testing/events.ts'
import { exactlyOnce } from '../testing/exactly-once.ts'
import { type Harness, harness } from '../testing/harness.ts'
import { eraseCustomer } from './erase.ts'
import { type RebuildOptions, rebuild } from './rebuild.ts'

let shop: Harness
afterEach(() => shop?.close())

function options(over: Partial<RebuildOptions> = {}): RebuildOptions {
  return {
    db: shop.db,
    databases: shop.databases,
    topics: Object.values(shop.topics),
    ranges: () => shop.ranges(),
    ingestInto: (into) => shop.startIngest({ into, groupId: randomName('rebuild') }),
    progress: () => {},
    ...over,
  }
}

it('fills new tables from the topics while the old ones serve and fill, keeps what the topics dropped, and forgets what was erased', async () => {
  shop = await harness()
  const { published, store } = shop.databases
  const live = await shop.startIngest()
  await shop.publish(...orderEvents('Shipped', { customerId: 'gone-customer' }), ...orderEvents('Refunded'))
  await shop.publishBytes('orders', 0, Buffer.from('broken record of gone-customer'))
  await exactlyOnce(shop)
  await eraseCustomer(shop.db, shop.databases, 'gone-customer')
  const stored = (table: string) =>
    shop.rows<{ topic: string; partition: number; offset: number; ingested_at: string }>(
      `SELECT topic, partition, offset, ingested_at FROM ${published}.${table} ORDER BY topic, partition, offset`,
    )
  const before = { events: await stored('events'), deadLetters: await stored('dead_letters') }
  // Retention: the first record of each partition of one topic is no longer held.
  for (const { topic, partition, end } of await shop.ranges())
    if (topic === shop.topics['order-checkouts'] && end > 0) await shop.dropBelow('order-checkouts', partition, 1)
  // What a rebuild mends: a column that was wrong, and an order row that lacks.
  await shop.db.command({
    query: `ALTER TABLE ${store}.events UPDATE currency = 'XXX' WHERE type = 'OrderStatusChangedToPaid' SETTINGS mutations_sync = 2`,
  })
  await shop.db.command({ query: `TRUNCATE TABLE ${store}.orders` })

  let on = true
  const publisher = (async () => {
    while (on) {
      await shop.publish(...orderEvents('Shipped'))
      await pause(50)
    }
  })()
  const { copied } = await rebuild(options())
  on = false
  await publisher
  await exactlyOnce(shop)
  await live.healthy()
  expect(copied).toBeGreaterThan(0)
  // When a record was taken in is when that first was: read again by a rebuild, hours later, it was no less fresh.
  expect(await stored('events')).toEqual(expect.arrayContaining(before.events))
  expect(await stored('dead_letters')).toEqual(before.deadLetters)
  const [{ wrong } = { wrong: -1 }] = await shop.rows<{ wrong: number }>(
    `SELECT countIf(currency = 'XXX') AS wrong FROM ${published}.order_status_changed_to_paid`,
  )
  expect(wrong).toBe(0)
  const everything = await Promise.all(
    ['events', 'orders', 'dead_letters'].map((table) => shop.rows(`SELECT * FROM ${store}.${table}`)),
  )
  expect(JSON.stringify(everything)).not.toContain('gone-customer')
  expect(await shop.rows(`SELECT name FROM system.databases WHERE name LIKE '${published}_rebuild%'`)).toEqual([])
}, 240_000)

it('is finished by the next call when it broke off within the swap', async () => {
  shop = await harness()
  const live = await shop.startIngest()
  await shop.publish(...orderEvents('Shipped'), ...orderEvents('StockRejected'))
  await exactlyOnce(shop)
  // Each statement of the swap in turn is the last one before the crash.
  for (let last = 1; ; last++) {
    let renames = 0
    const db = new Proxy(shop.db, {
      get(target, name) {
        const own = Reflect.get(target, name) as unknown
        if (name !== 'command') return typeof own === 'function' ? own.bind(target) : own
        return (params: { query: string }) => {
          if (params.query.startsWith('RENAME TABLE') && ++renames > last) throw new TypeError('crashed here')
          return target.command(params)
        }
      },
    })
    const crashed = await rebuild(options({ db })).then(
      () => false,
      (error: Error) => error.message === 'crashed here',
    )
    await shop.publish(...orderEvents('Paid'))
    if (crashed) await rebuild(options())
    await exactlyOnce(shop)
    if (!crashed) break
    expect(last).toBeLessThan(10)
  }
  await live.healthy()
}, 240_000)
