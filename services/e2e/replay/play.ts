import { createHash } from 'node:crypto'
import { parseMinor } from '#pipelines/kernel/money.ts'
import type { Shop } from '../rest/shop.ts'
import type { Problem } from '../rest/views.ts'
import type { Invoice } from './invoices.ts'
import { type Accepted, checkoutKey, type Progress } from './progress.ts'
import { CatalogRefused, type ReplayShelf } from './shelf.ts'

/** What the shop said to an invoice. */
export type Played =
  | { readonly end: 'accepted'; readonly again: boolean; readonly accepted: Accepted }
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
  const customer = customerOf(invoice)
  await shop.clearBasket(customer)
  for (const line of invoice.lines) {
    const id = await shelf.ready(line).catch(refusedCode)
    if (typeof id !== 'string') return id
    const put = await shop.putItem(customer, id, line.quantity)
    if (put.status >= 400) return { end: 'refused', code: codeOf(put) }
  }
  return checkOut(shop, progress, invoice, customer)
}

/** A customer's subject: opaque, so what does not look like an id (an e-mail, a name) is hashed. */
export function customerOf({ customer }: Invoice): string {
  const plain = /^[\w-]{1,64}$/.test(customer)
  return `customer-${plain ? customer : createHash('sha256').update(customer).digest('hex').slice(0, 24)}`
}

/** The country as an address takes it: the file's text without control characters, at most 100 long. */
export function countryOf({ country }: Invoice): string {
  const text = country
    .toWellFormed()
    .replace(/\p{Cc}+/gu, ' ')
    .trim()
  return [...text].slice(0, 100).join('').trim() || 'Unspecified'
}

async function checkOut(shop: Shop, progress: Progress, invoice: Invoice, customer: string): Promise<Played> {
  for (let attempt = 0; ; attempt++) {
    const answer = await shop.checkout(customer, {
      key: checkoutKey(progress.run, invoice),
      paymentToken: 'tok_visa',
      country: countryOf(invoice),
      channel: 'REPLAY',
    })
    if (answer.status === 409 && answer.body.code === 'PRICE_CHANGED' && attempt < PRICE_RETRIES) continue
    if (answer.status !== 202) return { end: 'refused', code: codeOf(answer) }
    const again = answer.headers['idempotency-replayed'] === 'true'
    if (again) await shop.clearBasket(customer)
    const accepted = await readAccepted(shop, answer.body.orderId)
    await progress.accept(invoice, accepted)
    return { end: 'accepted', accepted, again }
  }
}

/** What was accepted, in the shop's own words. */
async function readAccepted(shop: Shop, orderId: string): Promise<Accepted> {
  const { status, body } = await shop.accepted(orderId)
  if (status !== 200) return { orderId, totalMinor: 0, units: 0 } // shows in the table as a difference
  return { orderId, totalMinor: parseMinor(body.total.amount, body.total.currency), units: body.unitCount }
}

function refusedCode(error: unknown): Played & { end: 'refused' } {
  if (error instanceof CatalogRefused) return { end: 'refused', code: error.code }
  throw error
}

function codeOf({ status, body }: { status: number; body: unknown }): string {
  return (body as Problem | undefined)?.code ?? `HTTP ${status}`
}
