import { seeded } from '#pipelines/kernel/chance.ts'
import { messageOf } from '#pipelines/kernel/errors.ts'
import { pause } from '#pipelines/kernel/lifecycle.ts'
import type { Shop } from '../rest/shop.ts'
import { planOf } from './plan.ts'
import { type Shelf, type Visit, visit } from './session.ts'
import { changeAPrice } from './stage.ts'

export interface TrafficOptions {
  /** Customers that arrive per second, evenly, whether or not earlier ones are done (open loop). */
  readonly ratePerSecond: number
  readonly durationMs: number
  readonly seed: number
  /** Names this run's customers and products. */
  readonly run: string
  /** Ends the arrivals; who is in the shop finishes. */
  readonly signal: AbortSignal
  onVisit?(visit: Visit, customer: string): void
}

const PRICE_CHANGE_EVERY_MS = 3_000
/** A customer returns after this many others, so that nobody shops twice at once. */
const CUSTOMERS_PER_RATE = 120

/** The subject of a run's n-th customer. */
export function customerOf(run: string, number: number): string {
  return `${prefixOf(run)}${number}`
}

/** How all subjects of a run begin, and no others. */
export function prefixOf(run: string): string {
  return `traffic-${run}-`
}

/** Plays customers at a steady rate and resolves with every visit once the last has ended. */
export async function playTraffic(shop: Shop, shelf: Shelf, options: TrafficOptions): Promise<Visit[]> {
  const { ratePerSecond, durationMs, seed, run, signal } = options
  const chance = seeded(seed)
  const customers = Math.max(50, Math.round(ratePerSecond * CUSTOMERS_PER_RATE))
  const visits: Promise<Visit>[] = []
  const startedAt = performance.now()
  const prices = changePrices(shop, shelf, chance.fork(-2), startedAt + durationMs, signal)
  const expected = Math.round((ratePerSecond * durationMs) / 1000)
  for (let number = 0; number < expected && !signal.aborted; number++) {
    const plan = planOf(number, customers, chance.fork(number))
    const customer = customerOf(run, plan.customer)
    visits.push(
      visit(shop, shelf, customer, plan)
        .catch((error: unknown): Visit => ({ end: 'unknown', why: messageOf(error), customer }))
        .then((ended) => {
          options.onVisit?.(ended, customer)
          return ended
        }),
    )
    await pause(startedAt + ((number + 1) * 1000) / ratePerSecond - performance.now(), signal)
  }
  const ended = await Promise.all(visits)
  await prices
  return ended
}

async function changePrices(
  shop: Shop,
  shelf: Shelf,
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
