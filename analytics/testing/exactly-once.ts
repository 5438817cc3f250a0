import { expect } from 'vitest'
import { eventually } from '#pipelines/testing/eventually.ts'
import type { Harness } from './harness.ts'

interface PlaceRow {
  readonly place: string
  readonly rows: number
  readonly different: number
  readonly last: number
}

/**
 * Waits until the published events are, for each partition, the offsets 0, 1, 2 … up to the end of its log, each once, and then that the
 * joined orders are the fold of exactly these events: one order row per order id, with each status that an event told.
 */
export async function exactlyOnce(shop: Harness, { withinMs = 90_000 }: { withinMs?: number } = {}): Promise<void> {
  const expected = await shop.counts()
  const { published } = shop.databases
  let there = 0
  await eventually(
    async () => {
      const rows = await shop.rows<PlaceRow>(
        `SELECT concat(topic, '/', toString(partition)) AS place, count() AS rows, uniqExact(offset) AS different, max(offset) AS last
         FROM ${published}.events GROUP BY place`,
      )
      there = rows.reduce((sum, { different }) => sum + different, 0)
      const wrong = [...expected].filter(([place, count]) => {
        const row = rows.find((one) => one.place === place)
        return !row || row.rows !== count || row.different !== count || row.last !== count - 1
      })
      expect(wrong).toEqual([])
      expect(rows.length).toBe(expected.size)
      return true
    },
    { withinMs, everyMs: 100, what: 'every record exactly once', progress: () => there },
  )
  const [difference] = await shop.rows<Record<string, number>>(
    `SELECT
       (SELECT uniqExact(order_id) FROM ${published}.events WHERE type LIKE 'Order%' OR type IN ('UserCheckoutAccepted', 'GracePeriodConfirmed')) - count() AS orders,
       (SELECT uniqExact(order_id) FROM ${published}.user_checkout_accepted) - countIf(checked_out_at IS NOT NULL) AS checkouts,
       (SELECT uniqExact(order_id) FROM ${published}.order_status_changed_to_paid) - countIf(paid_at IS NOT NULL) AS paid,
       (SELECT uniqExact(order_id) FROM ${published}.order_status_changed_to_shipped) - countIf(shipped_at IS NOT NULL) AS shipped,
       count() - uniqExact(order_id) AS twice
     FROM ${published}.orders`,
  )
  expect(difference).toEqual({ orders: 0, checkouts: 0, paid: 0, shipped: 0, twice: 0 })
}
