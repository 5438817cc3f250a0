import { newId } from '#pipelines/kernel/ids.ts'
import { sensitive } from '#schemas/codec/sensitive.ts'
import type { EventInput, Item } from '#schemas/generated/events.ts'

/** How an order of a test ends. */
export type Ending =
  | 'Submitted'
  | 'Paid'
  | 'Shipped'
  | 'Refunded'
  | 'PaymentFailed'
  | 'StockRejected'
  | 'CancelledByCustomer'

export interface OrderOptions {
  readonly orderId?: string
  readonly customerId?: string
  readonly items?: readonly Item[]
  readonly currency?: string
  /** When it was checked out, in milliseconds. */
  readonly at?: number
}

export function item(over: Partial<Item> = {}): Item {
  return {
    lineNo: 1,
    productId: newId(),
    sku: 'SKU-1',
    name: 'Mug',
    brand: 'Acme',
    category: 'Kitchen',
    unitPriceMinor: 1250,
    priceVersion: 1,
    quantity: 2,
    ...over,
  }
}

/** All events of one order, in the order in which they happen. */
export function orderEvents(ending: Ending, options: OrderOptions = {}): readonly EventInput[] {
  const {
    orderId = newId(),
    customerId = 'cust-1',
    items = [item()],
    currency = 'EUR',
    at = 1_800_000_000_000,
  } = options
  const totalMinor = items.reduce((sum, one) => sum + one.unitPriceMinor * one.quantity, 0)
  const lines = items.map(({ productId, quantity }) => ({ productId, quantity }))
  const totals = { totalMinor, subtotalMinor: totalMinor, discountMinor: 0, shippingMinor: 0, taxMinor: 0, currency }
  const basket = { basketId: newId(), basketVersion: 3 }
  const paymentId = newId()
  let seconds = 0
  let version = 0
  const e = () => ({ eventId: newId(), occurredAt: at + seconds++ * 1000 })
  const o = () => ({ ...e(), orderId, version: ++version, customerId, placedAt: at + 1000 })
  const r = () => ({ ...e(), orderId, orderVersion: version })

  const events: EventInput[] = [
    {
      type: 'UserCheckoutAccepted',
      ...e(),
      orderId,
      customerId,
      ...basket,
      ...totals,
      items,
      address: {
        street: sensitive('Secret Street 1'),
        city: sensitive('Vienna'),
        state: null,
        country: sensitive('Austria'),
        zipCode: sensitive('1010'),
      },
      paymentToken: sensitive('tok_visa'),
      cardBrand: 'visa',
      cardLast4: '4242',
      channel: 'WEB',
    },
    { type: 'OrderStarted', ...o(), ...basket },
    {
      type: 'OrderStatusChangedToSubmitted',
      ...o(),
      ...totals,
      items,
      itemCount: items.length,
      unitCount: items.reduce((sum, { quantity }) => sum + quantity, 0),
      country: 'Austria',
      channel: 'WEB',
      graceEndsAt: at + 10_000,
    },
  ]
  const cancel = (
    reason: 'CUSTOMER' | 'STOCK' | 'PAYMENT',
    previousStatus: 'SUBMITTED' | 'AWAITING_VALIDATION' | 'STOCK_CONFIRMED',
  ) =>
    events.push({
      type: 'OrderStatusChangedToCancelled',
      ...o(),
      reason,
      previousStatus,
      actorRole: 'customer',
      totalMinor,
      currency,
      lines,
    })

  if (ending === 'Submitted') return events
  if (ending === 'CancelledByCustomer') {
    cancel('CUSTOMER', 'SUBMITTED')
    return events
  }
  events.push({ type: 'GracePeriodConfirmed', ...r(), graceMs: 10_000, executionId: newId() })
  events.push({ type: 'OrderStatusChangedToAwaitingValidation', ...o(), lines, attempt: 1 })
  if (ending === 'StockRejected') {
    const rejected = lines.map(({ productId, quantity }) => ({
      productId,
      requested: quantity,
      available: 0,
      reason: 'INSUFFICIENT' as const,
    }))
    events.push({ type: 'OrderStockRejected', ...r(), lines: rejected })
    cancel('STOCK', 'AWAITING_VALIDATION')
    return events
  }
  const reserved = lines.map((line) => ({ ...line, availableAfter: 5, reservedAfter: 1, stockVersion: 7 }))
  events.push({ type: 'OrderStockConfirmed', ...r(), lines: reserved })
  events.push({
    type: 'OrderStatusChangedToStockConfirmed',
    ...o(),
    totalMinor,
    currency,
    paymentToken: sensitive('tok_visa'),
    attempt: 1,
  })
  const payment = {
    paymentId,
    amountMinor: totalMinor,
    currency,
    provider: 'simulated',
    cardBrand: 'visa',
    attempts: 1,
    providerMs: 12,
  }
  if (ending === 'PaymentFailed') {
    events.push({ type: 'OrderPaymentFailed', ...r(), ...payment, reason: 'DECLINED' })
    cancel('PAYMENT', 'STOCK_CONFIRMED')
    return events
  }
  events.push({ type: 'OrderPaymentSucceeded', ...r(), ...payment })
  if (ending === 'Refunded') {
    cancel('CUSTOMER', 'STOCK_CONFIRMED')
    events.push({
      type: 'OrderPaymentRefunded',
      ...r(),
      paymentId,
      refundId: newId(),
      amountMinor: totalMinor,
      currency,
      reason: 'CUSTOMER',
      chargedAt: at,
    })
    return events
  }
  events.push({ type: 'OrderStatusChangedToPaid', ...o(), ...totals, paymentId, lines })
  if (ending === 'Shipped')
    events.push({
      type: 'OrderStatusChangedToShipped',
      ...o(),
      totalMinor,
      currency,
      carrier: 'DHL',
      trackingNumber: 'T1',
    })
  return events
}
