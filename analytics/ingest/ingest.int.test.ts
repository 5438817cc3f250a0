import { afterEach, expect, it } from 'vitest'
import { eventually } from '#pipelines/testing/eventually.ts'
import { orderEvents } from '../testing/events.ts'
import { type Harness, harness } from '../testing/harness.ts'

let shop: Harness
afterEach(() => shop?.close())

/** The published offsets of each place must be 0, 1, 2 … to the end of its log, each once. */
async function exactlyOnce() {
  const expected = await shop.counts()
  await eventually(
    async () => {
      const { published } = shop.databases
      const rows = await shop.rows<{ place: string; rows: number; different: number; last: number }>(
        `SELECT concat(topic, '/', toString(partition)) AS place, count() AS rows, uniqExact(offset) AS different, max(offset) AS last FROM ${published}.events GROUP BY place`,
      )
      const wrong = [...expected].filter(([place, count]) => {
        const row = rows.find((one) => one.place === place)
        return !row || row.rows !== count || row.different !== count || row.last !== count - 1
      })
      expect(wrong).toEqual([])
      expect(rows.length).toBe(expected.size)
      return true
    },
    { withinMs: 60_000, everyMs: 100, what: 'every record exactly once' },
  )
}

it('takes in every record once, and none of what is sensitive', async () => {
  shop = await harness()
  const ingest = await shop.startIngest()
  await shop.publish(...orderEvents('Shipped'), ...orderEvents('StockRejected'))
  await exactlyOnce()
  await ingest.healthy()
  const { store, published } = shop.databases
  const [checkout] = await shop.rows<Record<string, unknown>>(
    `SELECT * FROM ${published}.user_checkout_accepted LIMIT 1`,
  )
  expect(checkout).toMatchObject({
    customer_id: 'cust-1',
    total_minor: 2500,
    currency: 'EUR',
    channel: 'WEB',
    card_last4: '4242',
  })
  const everything = JSON.stringify([
    await shop.rows(`SELECT * FROM ${store}.events`),
    await shop.rows(`SELECT * FROM ${store}.orders`),
  ])
  expect(everything).not.toMatch(/tok_|Secret Street|1010/)
})

it('goes on where ClickHouse says, after being stopped and started with records in between', async () => {
  shop = await harness()
  const first = await shop.startIngest()
  await shop.publish(...orderEvents('Paid'))
  await exactlyOnce()
  await first.close()
  await shop.publish(...orderEvents('Shipped'), ...orderEvents('Refunded'))
  await shop.startIngest()
  await exactlyOnce()
})
