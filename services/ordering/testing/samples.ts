import { newId } from '#pipelines/kernel/ids.ts'
import { sensitive } from '#schemas/codec/sensitive.ts'
import type { EventOf, Item, UserCheckoutAccepted } from '#schemas/generated/events.ts'
import type { Reply } from '../domain/inputs.ts'
import { type Order, STATUSES, type Status } from '../domain/order.ts'

/** Events as the other parts send them, for tests: valid unless told otherwise. */
export const PLACED_AT = Date.UTC(2026, 10, 22, 12)

export function item(overrides: Partial<Item> = {}): Item {
  return {
    lineNo: 1,
    productId: newId(),
    sku: 'LAMP-1',
    name: 'Desk lamp',
    brand: 'Lumo',
    category: 'Lighting',
    unitPriceMinor: 1_250,
    priceVersion: 3,
    quantity: 2,
    ...overrides,
  }
}

export function checkout(overrides: Partial<UserCheckoutAccepted> = {}): UserCheckoutAccepted {
  const items = overrides.items ?? [item(), item({ lineNo: 2, unitPriceMinor: 499, quantity: 1 })]
  const subtotalMinor = items.reduce((sum, { unitPriceMinor, quantity }) => sum + unitPriceMinor * quantity, 0)
  return {
    type: 'UserCheckoutAccepted',
    eventId: newId(),
    occurredAt: PLACED_AT,
    orderId: newId(),
    customerId: 'alice',
    basketId: newId(),
    basketVersion: 4,
    totalMinor: subtotalMinor,
    subtotalMinor,
    discountMinor: 0,
    shippingMinor: 0,
    taxMinor: 0,
    currency: 'EUR',
    address: {
      street: sensitive('Canary Lane 1'),
      city: sensitive('Canarytown'),
      state: null,
      country: sensitive('NL'),
      zipCode: sensitive('1234CN'),
    },
    paymentToken: sensitive('tok_visa'),
    cardBrand: null,
    cardLast4: null,
    channel: 'API',
    ...overrides,
    items,
  }
}

export function order(status: Status, overrides: Partial<Order> = {}): Order {
  const { orderId, customerId, basketId, basketVersion, items, currency, channel, paymentToken, subtotalMinor } =
    checkout()
  return {
    orderId,
    customerId,
    basketId,
    basketVersion,
    items,
    currency,
    channel,
    subtotalMinor,
    totalMinor: subtotalMinor,
    discountMinor: 0,
    shippingMinor: 0,
    taxMinor: 0,
    placedAt: PLACED_AT,
    country: 'NL',
    status,
    version: 2 + STATUSES.indexOf(status),
    paymentToken,
    ...overrides,
  }
}

const ANSWERED = { orderVersion: 3 } as const
const CHARGE = {
  amountMinor: 2_999,
  currency: 'EUR',
  provider: 'simulated',
  cardBrand: null,
  attempts: 1,
  providerMs: 12,
}

/** One reply of each type about an order. */
export function reply<T extends Reply['type']>(type: T, orderId: string): EventOf<T> {
  const common = { ...ANSWERED, eventId: newId(), occurredAt: PLACED_AT, orderId }
  const all: { readonly [R in Reply['type']]: EventOf<R> } = {
    GracePeriodConfirmed: { ...common, type: 'GracePeriodConfirmed', graceMs: 10_000, executionId: newId() },
    OrderStockConfirmed: { ...common, type: 'OrderStockConfirmed', lines: [] },
    OrderStockRejected: { ...common, type: 'OrderStockRejected', lines: [] },
    OrderPaymentSucceeded: { ...common, ...CHARGE, type: 'OrderPaymentSucceeded', paymentId: newId() },
    OrderPaymentFailed: { ...common, ...CHARGE, type: 'OrderPaymentFailed', paymentId: newId(), reason: 'DECLINED' },
    OrderPaymentRefunded: {
      ...common,
      type: 'OrderPaymentRefunded',
      paymentId: newId(),
      refundId: newId(),
      amountMinor: 2_999,
      currency: 'EUR',
      reason: 'CUSTOMER',
      chargedAt: PLACED_AT,
    },
  }
  return all[type] as EventOf<T>
}
