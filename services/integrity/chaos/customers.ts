import type { Endpoints } from '#services/e2e/rest/endpoints.ts'
import { openShop, type Shop } from '#services/e2e/rest/shop.ts'
import { playTraffic, prefixOf } from '#services/e2e/traffic/run.ts'
import type { Visit } from '#services/e2e/traffic/session.ts'
import { closeShelf, openShelf } from '#services/e2e/traffic/stage.ts'
import type { ClientHistory } from '#services/integrity/oracle/evidence.ts'

/** How the customers fare, while they come. */
export interface Fare {
  readonly arrived: number
  readonly accepted: number
  readonly refused: number
  readonly unanswered: number
  /** Of the last ten seconds, milliseconds. */
  readonly checkoutMs: readonly number[]
  /** Answers 503 so far: "come again", which every client must be ready for. */
  readonly asked: number
}

export interface Played {
  readonly clients: ClientHistory
  readonly visits: readonly Visit[]
}

export interface Customers {
  readonly ratePerSecond: number
  readonly durationMs: number
  readonly seed: number
  readonly run: string
  readonly signal: AbortSignal
  onFare(fare: Fare): void
  /** The stage is set: who wants to break something while they shop begins now, not before. */
  onOpen?(): void
}

const RECENT_MS = 10_000

/** Plays the seeded customers of `eshop traffic` and remembers what each was told. */
export async function playCustomers(endpoints: Endpoints, customers: Customers): Promise<Played> {
  const broken: { call: string; status: number }[] = []
  let asked = 0
  await using shop = openShop(endpoints, {
    onAnswer({ method, url }, status, headers) {
      if (status === 503) asked += 1
      if (status >= 500 && !(status === 503 && Number(headers['retry-after']) >= 1))
        broken.push({ call: `${method} ${new URL(url).pathname}`, status })
    },
  })
  const { ratePerSecond, durationMs, seed, run, signal } = customers
  const counts = { arrived: 0, accepted: 0, refused: 0, unanswered: 0 }
  let recent: { at: number; ms: number }[] = []
  const kept = new Map<string, Promise<Kept | undefined>>()
  const came = new Map<string, number>()
  const shelf = await openShelf(shop, run, (ratePerSecond * durationMs) / 1_000)
  customers.onOpen?.()
  const visits = await playTraffic(shop, shelf, {
    ratePerSecond,
    durationMs,
    seed,
    run,
    signal,
    onVisit(visit, customer) {
      const now = performance.now()
      came.set(customer, (came.get(customer) ?? 0) + 1)
      counts.arrived += 1
      if (visit.end === 'accepted') {
        counts.accepted += 1
        recent.push({ at: now, ms: visit.checkoutMs })
        kept.set(
          visit.customer,
          comeAgain(shop, visit.customer, shelf.products[counts.accepted % shelf.products.length]?.id),
        )
      }
      if (visit.end === 'refused') counts.refused += 1
      if (visit.end === 'unknown') counts.unanswered += 1
      recent = recent.filter(({ at }) => at > now - RECENT_MS)
      customers.onFare({ ...counts, asked, checkoutMs: recent.map(({ ms }) => ms) })
    },
  })
  const stayed = (await Promise.all(kept.values())).filter((one) => one !== undefined)
  await closeShelf(shop, shelf).catch(() => {}) // its products stay for sale
  return {
    visits,
    clients: historyOf(
      visits,
      stayed.filter(({ customer }) => came.get(customer) === 1), // who came again has touched that basket
      run,
      broken,
    ),
  }
}

interface Kept {
  readonly customer: string
  readonly productId: string
  readonly quantity: number
}

/** Puts something into a new basket right after the checkout: it must be there in the end, whatever becomes of the order. */
async function comeAgain(shop: Shop, customer: string, productId: string | undefined): Promise<Kept | undefined> {
  if (productId === undefined) return undefined
  const answer = await shop.putItem(customer, productId, 1).catch(() => undefined)
  return answer?.status === 200 ? { customer, productId, quantity: 1 } : undefined
}

function historyOf(
  visits: readonly Visit[],
  kept: readonly Kept[],
  run: string,
  broken: ClientHistory['broken'],
): ClientHistory {
  const accepted = visits.filter((visit) => visit.end === 'accepted')
  return {
    accepted: accepted.map(({ orderId, customer, cancelled }) => ({ orderId, customer, cancelled })),
    unanswered: visits.flatMap((visit) => (visit.end === 'unknown' ? [{ customer: visit.customer }] : [])),
    kept,
    isOurs: (customer) => customer.startsWith(prefixOf(run)),
    broken,
  }
}
