import { toMoney } from '#pipelines/kernel/money.ts'
import { reveal } from '#schemas/codec/sensitive.ts'
import type { Address, Item } from '#schemas/generated/events.ts'
import { type Step, statusAfter } from '../domain/order.ts'
import type { OrderRecord, OrderSummary } from '../store/reading.ts'
import type { OrderView, Summary } from './schemas.ts'

/** An order as a list shows it. */
export function summaryView(order: OrderSummary): Summary {
  const { orderId, status, version, customerId, itemCount, unitCount } = order
  const total = toMoney(order.totalMinor, order.currency)
  return { orderId, status, version, customerId, placedAt: iso(order.placedAt), total, itemCount, unitCount }
}

/** An order with its timeline; with the address only for those who deliver or receive it. */
export function orderView(order: OrderRecord, { withAddress }: { readonly withAddress: boolean }): OrderView {
  const money = (minor: number) => toMoney(minor, order.currency)
  return {
    ...summaryView(order),
    subtotal: money(order.subtotalMinor),
    discount: money(order.discountMinor),
    shipping: money(order.shippingMinor),
    tax: money(order.taxMinor),
    channel: order.channel,
    country: order.country,
    graceEndsAt: iso(order.graceEndsAt),
    items: order.items.map((item) => itemView(item, money)),
    timeline: order.steps.filter(({ type }) => type !== 'OrderStarted').map(timelineEntry),
    ...(withAddress && { address: addressView(order.address) }),
  }
}

function itemView(item: Item, money: (minor: number) => { amount: string; currency: string }) {
  const { lineNo, productId, sku, name, brand, category, quantity, unitPriceMinor } = item
  const unitPrice = money(unitPriceMinor)
  return {
    lineNo,
    productId,
    sku,
    name,
    brand,
    category,
    quantity,
    unitPrice,
    lineTotal: money(unitPriceMinor * quantity),
  }
}

function timelineEntry(step: Step): OrderView['timeline'][number] {
  const entry = { version: step.version, status: statusAfter(step.type), at: iso(step.occurredAt) }
  switch (step.type) {
    case 'OrderStarted':
    case 'OrderStatusChangedToSubmitted':
    case 'OrderStatusChangedToAwaitingValidation':
    case 'OrderStatusChangedToStockConfirmed':
      return entry
    case 'OrderStatusChangedToPaid':
      return { ...entry, paymentId: step.paymentId }
    case 'OrderStatusChangedToShipped':
      return {
        ...entry,
        ...(step.carrier !== null && { carrier: step.carrier }),
        ...(step.trackingNumber !== null && { trackingNumber: step.trackingNumber }),
      }
    case 'OrderStatusChangedToCancelled': {
      const { reason, actorRole, because } = step
      return { ...entry, reason, actorRole, ...(because !== null && { detail: because }) }
    }
  }
}

function addressView({ street, city, state, country, zipCode }: Address) {
  return {
    street: reveal(street),
    city: reveal(city),
    state: state === null ? null : reveal(state),
    country: reveal(country),
    zipCode: reveal(zipCode),
  }
}

function iso(epochMs: number): string {
  return new Date(epochMs).toISOString()
}
