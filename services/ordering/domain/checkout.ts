import { isUuid } from '#pipelines/kernel/ids.ts'
import { reveal, sensitive } from '#schemas/codec/sensitive.ts'
import type { Address, Item, UserCheckoutAccepted } from '#schemas/generated/events.ts'
import { after, type Happening, type NewOrder, type Step, stepOf } from './order.ts'

/** The last millisecond that ISO 8601 writes with four digits of a year. */
const LATEST = Date.UTC(10_000, 0, 1) - 1
const MAX_TEXT = 1_000
const MAX_SUBJECT = 255

export interface Submission {
  readonly order: NewOrder
  readonly steps: readonly Step[]
}

/**
 * Makes the order of a checkout, with its first steps: OrderStarted and Submitted, and Cancelled (OTHER) if the checkout makes no
 * sense, so that no checkout is ever refused and the customer sees what became of it. `now` is the database's time.
 */
export function submit(checkout: UserCheckoutAccepted, { now, graceMs }: { now: number; graceMs: number }): Submission {
  const graceEndsAt = now + graceMs
  const because = flawOf(checkout)
  const happenings: Happening[] = [{ type: 'OrderStarted' }, { type: 'OrderStatusChangedToSubmitted', graceEndsAt }]
  if (because !== undefined)
    happenings.push({
      type: 'OrderStatusChangedToCancelled',
      reason: 'OTHER',
      previousStatus: 'SUBMITTED',
      actorRole: 'system',
      because,
    })
  let order: NewOrder = { ...newOrder(checkout, now), graceEndsAt }
  const steps: Step[] = []
  for (const happening of happenings) {
    const step = stepOf(order, happening, now)
    order = { ...order, ...after(order, step) }
    steps.push(step)
  }
  return { order, steps }
}

/** Whether the ids of a checkout are such that an order can be stored and told to others under them. */
export function hasUsableIds({ orderId, basketId, items }: UserCheckoutAccepted): boolean {
  return isUuid(orderId) && isUuid(basketId) && items.every(({ productId }) => isUuid(productId))
}

/** Why a checkout cannot become a sale, in words for the customer; nothing if it can. */
export function flawOf(checkout: UserCheckoutAccepted): string | undefined {
  const { items, subtotalMinor, discountMinor, shippingMinor, taxMinor, totalMinor, currency } = checkout
  if (items.length === 0) return 'the checkout has no items'
  if (items.some(({ quantity }) => quantity < 1)) return 'a quantity is below 1'
  if (items.some(({ unitPriceMinor }) => unitPriceMinor < 0)) return 'a price is negative'
  if (new Set(items.map(({ lineNo }) => lineNo)).size < items.length) return 'two lines have the same number'
  if (!/^[A-Z]{3}$/.test(currency)) return 'the currency is not an ISO 4217 code'
  if ([discountMinor, shippingMinor, taxMinor, totalMinor].some((minor) => minor < 0)) return 'an amount is negative'
  // Sums in BigInt: a sum beyond 2^53 would be rounded and could seem right.
  const subtotal = items.reduce((sum, item) => sum + BigInt(item.unitPriceMinor) * BigInt(item.quantity), 0n)
  if (subtotal !== BigInt(subtotalMinor)) return 'the items do not add up to the subtotal'
  const total = subtotal - BigInt(discountMinor) + BigInt(shippingMinor) + BigInt(taxMinor)
  if (total !== BigInt(totalMinor)) return 'the amounts do not add up to the total'
  if (checkout.customerId.length === 0 || checkout.customerId.length > MAX_SUBJECT)
    return 'the customer id is empty or too long'
  return undefined
}

function newOrder(checkout: UserCheckoutAccepted, now: number): Omit<NewOrder, 'graceEndsAt'> {
  const { totalMinor, subtotalMinor, discountMinor, shippingMinor, taxMinor } = checkout
  const { occurredAt, address } = checkout
  return {
    orderId: checkout.orderId.toLowerCase(),
    customerId: storable(checkout.customerId, MAX_SUBJECT),
    placedAt: occurredAt >= 0 && occurredAt <= LATEST ? occurredAt : now,
    basketId: checkout.basketId.toLowerCase(),
    basketVersion: checkout.basketVersion,
    totalMinor,
    subtotalMinor,
    discountMinor,
    shippingMinor,
    taxMinor,
    currency: storable(checkout.currency),
    channel: checkout.channel,
    country: storable(reveal(address.country)),
    items: checkout.items.map(storableItem),
    address: storableAddress(address),
    paymentToken: sensitive(storable(reveal(checkout.paymentToken))),
    status: 'Submitted',
    version: 0,
  }
}

function storableItem(item: Item): Item {
  const { productId, sku, name, brand, category } = item
  return {
    ...item,
    productId: productId.toLowerCase(),
    sku: storable(sku),
    name: storable(name),
    brand: storable(brand),
    category: storable(category),
  }
}

function storableAddress({ street, city, state, country, zipCode }: Address): Address {
  const text = (value: Address['street']) => sensitive(storable(reveal(value)))
  return {
    street: text(street),
    city: text(city),
    state: state === null ? null : text(state),
    country: text(country),
    zipCode: text(zipCode),
  }
}

/** PostgreSQL stores no NUL in text; without this one such character would keep a checkout from ever becoming an order. */
function storable(text: string, max = MAX_TEXT): string {
  const clean = text.replaceAll('\0', '')
  return clean.length <= max ? clean : [...clean.slice(0, max)].join('').toWellFormed()
}
