import { pause } from '#pipelines/kernel/lifecycle.ts'
import type { Shop } from '../../e2e/rest/shop.ts'
import { tally } from '../../e2e/traffic/verdict.ts'
import type { Buyer } from './baskets.ts'

export interface Load {
  readonly accepted: readonly string[]
  /** Milliseconds from sending to the answer, of all that were accepted. */
  readonly latencies: readonly number[]
  /** What else was answered, by status or error, with how often. */
  readonly failed: Readonly<Record<string, number>>
  /** Epoch milliseconds of the first checkout. */
  readonly startedAt: number
  /** How late the generator itself sent, at worst. A number like the latencies means that it was the bottleneck. */
  readonly sentLateMs: number
}

const BODY = {
  address: { street: '1 Market Street', city: 'Springfield', country: 'NL', zipCode: '12345' },
  paymentToken: 'tok_visa',
}

/** Sends one checkout per buyer at an even rate, whether or not earlier ones were answered (open loop). */
export async function sendCheckouts(shop: Shop, buyers: readonly Buyer[], perSecond: number): Promise<Load> {
  const accepted: string[] = []
  const latencies: number[] = []
  const failures: string[] = []
  const url = `${shop.endpoints.basket}/v1/basket/checkout`
  const one = async ({ token, key }: Buyer, due: number) => {
    try {
      const headers = { 'idempotency-key': key }
      const answer = await shop.transport.send<{ orderId: string }>({ method: 'POST', url, token, headers, body: BODY })
      if (answer.status === 202) {
        // From when it was due: a generator that falls behind must not make the shop look quick.
        latencies.push(performance.now() - due)
        accepted.push(answer.body.orderId)
      } else failures.push(`HTTP ${answer.status}`)
    } catch (error) {
      failures.push(String(error))
    }
  }
  const startedAt = Date.now()
  const begun = performance.now()
  const running: Promise<void>[] = []
  let sentLateMs = 0
  for (const [number, buyer] of buyers.entries()) {
    const due = begun + (number * 1000) / perSecond
    const early = due - performance.now()
    if (early > 0) await pause(early)
    sentLateMs = Math.max(sentLateMs, performance.now() - due)
    running.push(one(buyer, due))
  }
  await Promise.all(running)
  return { accepted, latencies, failed: tally(failures), startedAt, sentLateMs }
}
