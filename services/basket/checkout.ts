import type { Draft } from '#pipelines/outbox/types.ts'
import { sensitive } from '#schemas/codec/sensitive.ts'
import type { Channel, Item } from '#schemas/generated/events.ts'
import type { Basket, Line, Products } from './basket.ts'
import { changedPrices, currencyOf, productOf, told, totalMinor } from './domain.ts'

/** What the customer sends, validated in form. Sensitive: never logged, never in an error. */
export interface CheckoutRequest {
  readonly address: {
    readonly street: string
    readonly city: string
    readonly state?: string
    readonly country: string
    readonly zipCode: string
  }
  readonly paymentToken: string
  readonly channel: Channel
}

export type CheckoutEvent = Draft<'UserCheckoutAccepted'> & { readonly occurredAt: number }

export type CheckoutDecision =
  | { readonly outcome: 'accepted'; readonly event: CheckoutEvent }
  | { readonly outcome: 'empty' }
  | { readonly outcome: 'currencies-differ' }
  | { readonly outcome: 'total-too-large' }
  /** `basket` is to be kept: its customer is told the new prices by the refusal, so the next checkout takes them. */
  | { readonly outcome: 'price-changed'; readonly lines: readonly Line[]; readonly basket: Basket }

/** Decides on a checkout of the locked basket. Price, name and total are the catalog's; from the client come address, token and channel. */
export function checkOut(
  basket: Basket | undefined,
  products: Products,
  request: CheckoutRequest,
  { orderId, nowMs }: { readonly orderId: string; readonly nowMs: number },
): CheckoutDecision {
  if (!basket || basket.lines.length === 0) return { outcome: 'empty' }
  const currency = currencyOf(basket, products)
  if (currency === undefined) return { outcome: 'currencies-differ' }
  const lines = changedPrices(basket, products)
  if (lines.length > 0) return { outcome: 'price-changed', lines, basket: told(basket, products) }
  const total = totalMinor(basket, products)
  if (!Number.isSafeInteger(total)) return { outcome: 'total-too-large' }
  const { street, city, state, country, zipCode } = request.address
  const event: CheckoutEvent = {
    type: 'UserCheckoutAccepted',
    occurredAt: nowMs,
    orderId,
    customerId: basket.customerId,
    basketId: basket.basketId,
    basketVersion: basket.version,
    totalMinor: total,
    subtotalMinor: total,
    currency,
    items: itemsOf(basket, products),
    address: {
      street: sensitive(street),
      city: sensitive(city),
      state: state === undefined ? null : sensitive(state),
      country: sensitive(country),
      zipCode: sensitive(zipCode),
    },
    paymentToken: sensitive(request.paymentToken),
    channel: request.channel,
  }
  return { outcome: 'accepted', event }
}

/** Lines in the order they were put in, numbered anew without gaps. */
function itemsOf(basket: Basket, products: Products): Item[] {
  const ordered = basket.lines.toSorted((a, b) => a.lineNo - b.lineNo)
  return ordered.map(({ productId, quantity }, index) => {
    const { sku, name, brand, category, unitPriceMinor, priceVersion } = productOf(products, productId)
    return { lineNo: index + 1, productId, sku, name, brand, category, unitPriceMinor, priceVersion, quantity }
  })
}
