import { expect, test } from 'vitest'
import { sensitive } from '#schemas/codec/sensitive.ts'
import type { UserCheckoutAccepted } from '#schemas/generated/events.ts'
import { checkout, item } from '../testing/samples.ts'
import { flawOf, hasUsableIds, submit } from './checkout.ts'
import { draftOf } from './drafts.ts'

const NOW = Date.UTC(2026, 10, 22, 12, 0, 1)

function drafts(event: UserCheckoutAccepted) {
  const { order, steps } = submit(event, { now: NOW, graceMs: 10_000 })
  return steps.map((step) => draftOf(order, step))
}

test('a checkout starts an order and submits it', () => {
  const event = checkout()
  const { orderId, basketId, basketVersion, items, totalMinor, subtotalMinor, occurredAt } = event
  expect(drafts(event)).toEqual([
    {
      type: 'OrderStarted',
      orderId,
      version: 1,
      occurredAt: NOW,
      customerId: 'alice',
      placedAt: occurredAt,
      basketId,
      basketVersion,
    },
    {
      type: 'OrderStatusChangedToSubmitted',
      orderId,
      version: 2,
      occurredAt: NOW,
      customerId: 'alice',
      placedAt: occurredAt,
      totalMinor,
      subtotalMinor,
      discountMinor: 0,
      shippingMinor: 0,
      taxMinor: 0,
      currency: 'EUR',
      items,
      itemCount: 2,
      unitCount: 3,
      country: 'NL',
      channel: 'API',
      graceEndsAt: NOW + 10_000,
    },
  ])
})

const flaws: readonly [string, Partial<UserCheckoutAccepted>][] = [
  ['no items', { items: [] }],
  ['a quantity of 0', { items: [item({ quantity: 0 })] }],
  ['a quantity of -1', { items: [item({ quantity: -1 })] }],
  ['a negative price', { items: [item({ unitPriceMinor: -1 })] }],
  ['two lines of one number', { items: [item(), item()] }],
  ['a subtotal that is not the sum', { subtotalMinor: 1 }],
  ['a total that is not the sum', { totalMinor: 1 }],
  ['a discount that is not in the total', { discountMinor: 1 }],
  ['a negative amount', { taxMinor: -5, shippingMinor: 5 }],
  ['a discount below nothing', { items: [item({ unitPriceMinor: 1, quantity: 1 })], discountMinor: 2, totalMinor: -1 }],
  ['a currency that is none', { currency: 'eur' }],
  ['no customer', { customerId: '' }],
  // 2^53 + 1 is no number: a sum in floats would be found right.
  [
    'a sum that floats would round',
    {
      items: [
        item({ unitPriceMinor: Number.MAX_SAFE_INTEGER, quantity: 1 }),
        item({ lineNo: 2, unitPriceMinor: 2, quantity: 1 }),
      ],
      subtotalMinor: 2 ** 53,
      totalMinor: 2 ** 53,
    },
  ],
]

test.each(flaws)('a checkout with %s becomes an order that is cancelled at once', (_name, overrides) => {
  const { order, steps } = submit(checkout(overrides), { now: NOW, graceMs: 10_000 })
  expect(order).toMatchObject({ status: 'Cancelled', version: 3, paymentToken: null })
  expect(steps.map(({ type, version }) => `${version} ${type}`)).toEqual([
    '1 OrderStarted',
    '2 OrderStatusChangedToSubmitted',
    '3 OrderStatusChangedToCancelled',
  ])
  expect(steps[2]).toMatchObject({ reason: 'OTHER', previousStatus: 'SUBMITTED', actorRole: 'system' })
  expect(steps[2]).toHaveProperty('because', flawOf(checkout(overrides)))
})

test('totals with discount, shipping and tax add up', () => {
  const items = [item({ unitPriceMinor: 1_000, quantity: 3 })]
  expect(
    flawOf(checkout({ items, discountMinor: 500, shippingMinor: 250, taxMinor: 30, totalMinor: 2_780 })),
  ).toBeUndefined()
})

test('a free order is a sale', () => {
  expect(flawOf(checkout({ items: [item({ unitPriceMinor: 0 })] }))).toBeUndefined()
})

test('text that PostgreSQL cannot store is cleaned, not refused', () => {
  const { order } = submit(checkout({ items: [item({ name: 'a\0b' })], paymentToken: sensitive('tok\0_x') }), {
    now: NOW,
    graceMs: 0,
  })
  expect(order.items[0]?.name).toBe('ab')
  expect(order.paymentToken).toBe('tok_x')
})

test('a checkout whose ids are no UUIDs cannot be told to anybody', () => {
  expect(hasUsableIds(checkout())).toBe(true)
  expect(hasUsableIds(checkout({ orderId: '42' }))).toBe(false)
  expect(hasUsableIds(checkout({ basketId: '' }))).toBe(false)
  expect(hasUsableIds(checkout({ items: [item({ productId: 'lamp' })] }))).toBe(false)
})
