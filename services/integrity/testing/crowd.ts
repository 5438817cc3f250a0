import { newId } from '#pipelines/kernel/ids.ts'
import { pause } from '#pipelines/kernel/lifecycle.ts'
import type { ShopInProcess } from './shop.ts'

/** One answer that a customer got. */
export interface Told {
  readonly what: string
  readonly status: number
  readonly retryAfter: string | null
  readonly code: string | undefined
}

export interface Crowd {
  readonly told: readonly Told[]
  /** Orders that were accepted, with a 202 that the customer saw. */
  readonly accepted: readonly string[]
  /** Nobody comes any more; resolves when all have left. */
  leave(): Promise<void>
}

const ADDRESS = { street: '1 Market Street', city: 'Springfield', country: 'NL', zipCode: '12345' }

/**
 * Customers who come one after the other, so many at once, put one thing into their basket and buy it. Each repeats what was answered with
 * 503, under the same key, as a good client does; all answers are kept.
 */
export function crowd(shop: ShopInProcess, productId: string, { atOnce = 4, pauseMs = 20 } = {}): Crowd {
  const told: Told[] = []
  const accepted: string[] = []
  const closing = new AbortController()

  async function ask(what: string, service: 'basket', method: string, path: string, sub: string, rest: object) {
    for (let attempt = 1; ; attempt++) {
      const answer = await shop.call(service, method, path, { sub, ...rest })
      told.push({ what, status: answer.status, retryAfter: answer.headers.get('retry-after'), code: answer.body?.code })
      const again = answer.status === 503 || answer.body?.code === 'IDEMPOTENCY_IN_FLIGHT'
      if (!again || attempt === 200) return answer
      await pause(50)
    }
  }

  async function visit(): Promise<void> {
    const sub = newId()
    await ask('put', 'basket', 'PUT', `/v1/basket/items/${productId}`, sub, { body: { quantity: 1 } })
    const headers = { 'idempotency-key': newId() }
    const body = { address: ADDRESS, paymentToken: 'tok_visa' }
    const answer = await ask('checkout', 'basket', 'POST', '/v1/basket/checkout', sub, { headers, body })
    if (answer.status === 202) accepted.push(answer.body.orderId)
  }

  async function stand(): Promise<void> {
    while (!closing.signal.aborted) {
      await visit()
      await pause(pauseMs, closing.signal)
    }
  }

  const standing = Array.from({ length: atOnce }, stand)
  return {
    told,
    accepted,
    async leave() {
      closing.abort()
      await Promise.all(standing)
    },
  }
}

/** Answers that no customer may ever get: an error of ours, or "come back" without when. */
export function outrages(told: readonly Told[]): readonly Told[] {
  return told.filter(
    ({ status, retryAfter, code }) =>
      status !== 200 &&
      status !== 202 &&
      code !== 'IDEMPOTENCY_IN_FLIGHT' &&
      !(status === 503 && Number(retryAfter) >= 1),
  )
}
