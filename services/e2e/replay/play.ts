import type { Shop } from '../rest/shop.ts'
import type { Invoice } from './invoices.ts'
import { checkoutKey, keyOfInvoice, type Progress } from './progress.ts'
import type { ReplayShelf } from './shelf.ts'

/** What the shop said to an invoice. */
export type Played =
  | { readonly end: 'accepted'; readonly orderId: string; readonly again: boolean }
  | { readonly end: 'refused'; readonly code: string }

const PRICE_RETRIES = 3

/**
 * Plays one invoice as a checkout. Safe to repeat at any time: the idempotency key is the invoice's own, so an invoice that was
 * accepted before is answered with its first order, and the basket that was filled for nothing is emptied again.
 */
export async function playInvoice(
  shop: Shop,
  shelf: ReplayShelf,
  progress: Progress,
  invoice: Invoice,
): Promise<Played> {
  const before = progress.orders.get(keyOfInvoice(invoice))
  if (before) return { end: 'accepted', orderId: before, again: true }
  const customer = `customer-${invoice.customer}`
  await shop.clearBasket(customer)
  for (const line of invoice.lines) {
    const put = await shop.putItem(customer, await shelf.ready(line), line.quantity)
    if (put.status >= 400) return { end: 'refused', code: codeOf(put) }
  }
  return checkOut(shop, progress, invoice, customer)
}

async function checkOut(shop: Shop, progress: Progress, invoice: Invoice, customer: string): Promise<Played> {
  for (let attempt = 0; ; attempt++) {
    const answer = await shop.checkout(customer, {
      key: checkoutKey(progress.run, invoice),
      paymentToken: 'tok_visa',
      country: invoice.country || 'Unspecified',
      channel: 'REPLAY',
    })
    if (answer.status === 409 && answer.body.code === 'PRICE_CHANGED' && attempt < PRICE_RETRIES) continue
    if (answer.status !== 202) return { end: 'refused', code: codeOf(answer) }
    const again = answer.headers['idempotency-replayed'] === 'true'
    if (again) await shop.clearBasket(customer)
    await progress.accepted(invoice, answer.body.orderId)
    return { end: 'accepted', orderId: answer.body.orderId, again }
  }
}

function codeOf({ status, body }: { status: number; body: unknown }): string {
  return (body as { code?: string } | undefined)?.code ?? `HTTP ${status}`
}
