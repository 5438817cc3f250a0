import { newId } from '#pipelines/kernel/ids.ts'
import { pause } from '#pipelines/kernel/lifecycle.ts'
import type { Shop } from '../rest/shop.ts'
import type { Answer } from '../rest/transport.ts'
import type { Problem, Product } from '../rest/views.ts'
import type { Plan } from './plan.ts'

/** How a customer's visit ended. `refused` carries the problem's code; `unknown` means that no answer came in spite of all repeats. */
export type Visit =
  | {
      readonly end: 'accepted'
      readonly orderId: string
      readonly customer: string
      /** Whether the customer called it off and was told that it is. */
      readonly cancelled: boolean
      /** Epoch milliseconds of the answer. */
      readonly acceptedAt: number
      readonly checkoutMs: number
    }
  | { readonly end: 'abandoned' }
  | { readonly end: 'refused'; readonly code: string }
  | { readonly end: 'unknown'; readonly why: string; readonly customer: string }

/** The shelf: what the catalog holds, and the few products that are meant to sell out. */
export interface Shelf {
  readonly products: readonly Product[]
  readonly scarce: readonly Product[]
}

const PRICE_RETRIES = 3

/** Plays one visit of a customer. */
export async function visit(shop: Shop, shelf: Shelf, customer: string, plan: Plan): Promise<Visit> {
  const chosen = choose(shelf, plan)
  for (let look = 0; look < plan.looks; look++) {
    const product = chosen[look % chosen.length]
    await (look === 0 || !product ? shop.products('limit=20&inStock=true&sort=name') : shop.product(product.id))
  }
  for (const { product, quantity } of chosen) {
    const put = await shop.putItem(customer, product.id, quantity)
    if (put.status >= 400) return refused(put)
  }
  await changeMind(shop, customer, plan, chosen)
  if (plan.ends === 'abandons') return { end: 'abandoned' }
  return checkOut(shop, customer, plan)
}

function choose(shelf: Shelf, plan: Plan) {
  const chosen = new Map<string, { id: string; product: Product; quantity: number }>()
  for (const { draw, quantity, scarce } of plan.picks) {
    const from = scarce && shelf.scarce.length > 0 ? shelf.scarce : shelf.products
    const product = from[Math.floor(draw * from.length)]
    if (product) chosen.set(product.id, { id: product.id, product, quantity })
  }
  return [...chosen.values()]
}

async function changeMind(
  shop: Shop,
  customer: string,
  plan: Plan,
  chosen: readonly { id: string; quantity: number }[],
): Promise<void> {
  const [first] = chosen
  if (!first || plan.changesMind === 'no') return
  if (plan.changesMind === 'removes' && chosen.length > 1) await shop.removeItem(customer, first.id)
  else await shop.putItem(customer, first.id, first.quantity + 1)
}

async function checkOut(shop: Shop, customer: string, plan: Plan): Promise<Visit> {
  const key = newId()
  await shop.basket(customer)
  for (let attempt = 0; ; attempt++) {
    const startedAt = performance.now()
    const answer = await shop.checkout(customer, {
      key,
      paymentToken: plan.paymentToken,
      country: 'NL',
      channel: 'WEB',
    })
    const checkoutMs = performance.now() - startedAt
    // The answer names the new prices; a customer who agrees simply sends the same again.
    if (answer.status === 409 && answer.body.code === 'PRICE_CHANGED' && attempt < PRICE_RETRIES) continue
    if (answer.status !== 202) return refused(answer)
    const acceptedAt = Date.now()
    const { orderId } = answer.body
    const cancelled = plan.cancels && (await cancel(shop, customer, orderId).catch(() => false))
    return { end: 'accepted', orderId, customer, cancelled, acceptedAt, checkoutMs }
  }
}

/** Cancels as soon as ordering knows the order: until then it answers 404. True if the answer was that it is cancelled. */
async function cancel(shop: Shop, customer: string, orderId: string): Promise<boolean> {
  for (let attempt = 0; attempt < 20; attempt++) {
    const { status } = await shop.cancel(customer, orderId)
    if (status !== 404) return status >= 200 && status < 300
    await pause(100 + attempt * 50)
  }
  return false
}

function refused({ status, body }: Answer): Visit {
  return { end: 'refused', code: (body as Problem | undefined)?.code ?? `HTTP ${status}` }
}
