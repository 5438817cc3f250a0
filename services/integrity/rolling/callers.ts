import type { Role } from '#pipelines/http/types.ts'
import { pause } from '#pipelines/kernel/lifecycle.ts'
import type { Shop } from '#services/e2e/rest/shop.ts'
import { type Call, createTransport } from '#services/e2e/rest/transport.ts'
import type { FleetName } from './fleet.ts'

/** A call of each kind that is sent over and over while instances are replaced: writes wherever the service takes them. */
function callOf(
  shop: Shop,
  name: FleetName,
  productId: string,
  number: number,
): [subject: string, Role, Omit<Call, 'token'>] {
  const { basket, catalog, ordering, payment, tasks, analytics } = shop.endpoints
  switch (name) {
    case 'basket': {
      const url = `${basket}/v1/basket/items/${productId}`
      return [`roller-${number}`, 'customer', { method: 'PUT', url, body: { quantity: number + 1 } }]
    }
    case 'catalog': {
      const url = `${catalog}/v1/products/${productId}/stock`
      return ['roller', 'warehouse', { method: 'POST', url, body: { delta: 1, reason: 'RECEIVED' } }]
    }
    case 'ordering':
      return ['roller', 'support', { method: 'GET', url: `${ordering}/v1/orders?limit=5` }]
    case 'payment':
      return ['roller', 'support', { method: 'GET', url: `${payment}/v1/payments?limit=5` }]
    case 'tasks':
      return ['roller', 'support', { method: 'GET', url: `${tasks}/v1/executions?limit=5` }]
    case 'analytics':
      return ['roller', 'analyst', { method: 'GET', url: `${analytics}/v1/analytics/orders/by-status` }]
  }
}

const AT_ONCE = 4
const PAUSE_MS = 20

export interface Called {
  readonly answered: number
  /** Anything but a success: there is nothing wrong with these calls. */
  readonly failed: readonly string[]
}

/** Calls one service without a break, and without repeating anything, until the work is done. */
export async function calling(
  shop: Shop,
  name: FleetName,
  productId: string,
  work: () => Promise<void>,
): Promise<Called> {
  const transport = createTransport()
  const over = new AbortController()
  const failed: string[] = []
  let answered = 0
  const caller = async (number: number) => {
    const [subject, role, call] = callOf(shop, name, productId, number)
    while (!over.signal.aborted) {
      const token = await shop.tokens(subject, role)
      const answer = await transport.send({ ...call, token, timeoutMs: 30_000 }).catch((error) => String(error))
      if (typeof answer !== 'string' && answer.status < 300) answered += 1
      else failed.push(typeof answer === 'string' ? answer : `${answer.status} ${JSON.stringify(answer.body)}`)
      await pause(PAUSE_MS, over.signal)
    }
  }
  const callers = Array.from({ length: AT_ONCE }, (_, number) => caller(number))
  await work().finally(() => over.abort())
  await Promise.all(callers)
  transport.close()
  return { answered, failed }
}
