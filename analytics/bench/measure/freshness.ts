import type { ClickHouseClient } from '@clickhouse/client'
import { pause } from '#pipelines/kernel/lifecycle.ts'
import type { Databases } from '../../tables/migrate.ts'

/** Milliseconds from handing an event to the producer to a row of `orders`, the published view, that shows it. */
export interface Freshness {
  readonly probes: number
  readonly p50: number
  readonly p99: number
  readonly most: number
  /** Orders that never showed. */
  readonly missing: number
}

export interface FreshnessProbe {
  probe(orderId: string, sentAt: number): void
  /** Waits for the last ones, for as long as `limitMs`. */
  end(limitMs: number): Promise<Freshness>
}

const EVERY_MS = 20
/** Those that wait longest, when there are many: so that asking stays as cheap while a side is behind. */
const AT_ONCE = 20

/** Asks the published view again and again for the orders that are awaited, as a person's page would. */
export function watchFreshness(db: ClickHouseClient, { published }: Databases): FreshnessProbe {
  const waiting = new Map<string, number>()
  const took: number[] = []
  let over = false

  async function look() {
    while (!over || waiting.size > 0) {
      if (waiting.size > 0) {
        const ids = [...waiting.keys()].slice(0, AT_ONCE)
        const answer = await db.query({
          query: `SELECT order_id FROM ${published}.orders WHERE order_id IN {ids:Array(UUID)}`,
          query_params: { ids },
          format: 'JSONEachRow',
        })
        const seen = await answer.json<{ order_id: string }>()
        const now = Date.now()
        for (const { order_id } of seen) {
          took.push(now - (waiting.get(order_id) ?? now))
          waiting.delete(order_id)
        }
      }
      await pause(EVERY_MS)
    }
  }
  const looking = look()
  return {
    probe: (orderId, sentAt) => void waiting.set(orderId, sentAt),
    async end(limitMs) {
      over = true
      await Promise.race([looking, pause(limitMs)])
      const missing = waiting.size
      waiting.clear()
      await looking
      const sorted = took.toSorted((a, b) => a - b)
      const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
      return { probes: sorted.length, p50: at(0.5), p99: at(0.99), most: at(1), missing }
    },
  }
}
