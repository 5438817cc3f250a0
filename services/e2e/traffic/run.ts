import { pause } from '#pipelines/kernel/lifecycle.ts'
import { seeded } from '../random.ts'
import type { Shop } from '../rest/shop.ts'
import { planOf } from './plan.ts'
import { type Visit, visit } from './session.ts'
import { changeAPrice, closeShelf, openShelf } from './stage.ts'

export interface TrafficOptions {
  /** Customers that arrive per second, evenly, whether or not earlier ones are done (open loop). */
  readonly ratePerSecond: number
  readonly durationMs: number
  readonly seed: number
  /** Names this run's own products. */
  readonly run: string
  readonly signal: AbortSignal
  onVisit?(visit: Visit): void
}

const PRICE_CHANGE_EVERY_MS = 3_000
/** A customer returns after this many others, so that nobody shops twice at once. */
const CUSTOMERS_PER_RATE = 120

/** Plays customers at a steady rate and resolves with every visit once the last has ended. */
export async function playTraffic(shop: Shop, options: TrafficOptions): Promise<Visit[]> {
  const { ratePerSecond, durationMs, seed, run, signal } = options
  const chance = seeded(seed)
  const expected = (ratePerSecond * durationMs) / 1000
  const shelf = await openShelf(shop, run, Math.max(3, Math.round(expected / 40)))
  const customers = Math.max(50, Math.round(ratePerSecond * CUSTOMERS_PER_RATE))
  const visits: Promise<Visit>[] = []
  const until = performance.now() + durationMs
  const prices = changePrices(shop, shelf, chance.fork(-2), until, signal)
  for (let number = 0; number < Math.round(expected) && !signal.aborted; number++) {
    const plan = planOf(number, customers, chance.fork(number))
    visits.push(
      visit(shop, shelf, plan)
        .catch((error: unknown): Visit => ({ end: 'unknown', why: String(error) }))
        .then((ended) => {
          options.onVisit?.(ended)
          return ended
        }),
    )
    await pause(until - durationMs + ((number + 1) * 1000) / ratePerSecond - performance.now(), signal)
  }
  const ended = await Promise.all(visits)
  await prices
  await closeShelf(shop, shelf)
  return ended
}

async function changePrices(
  shop: Shop,
  shelf: Awaited<ReturnType<typeof openShelf>>,
  chance: ReturnType<typeof seeded>,
  until: number,
  signal: AbortSignal,
) {
  while (performance.now() < until && !signal.aborted) {
    await pause(Math.min(PRICE_CHANGE_EVERY_MS, until - performance.now()), signal)
    // A price that cannot be changed now (a fault under test, somebody else's change) is simply not changed.
    await changeAPrice(shop, shelf, chance).catch(() => undefined)
  }
}
