import { expect, test } from 'vitest'
import { order, PLACED_AT } from '../testing/samples.ts'
import { draftOf } from './drafts.ts'
import { after, type Happening, stepOf } from './order.ts'

const HAPPENINGS: readonly Happening[] = [
  { type: 'OrderStarted' },
  { type: 'OrderStatusChangedToSubmitted', graceEndsAt: PLACED_AT },
  { type: 'OrderStatusChangedToAwaitingValidation' },
  { type: 'OrderStatusChangedToPaid', paymentId: 'p' },
  { type: 'OrderStatusChangedToShipped', carrier: 'DHL', trackingNumber: null },
  {
    type: 'OrderStatusChangedToCancelled',
    reason: 'STOCK',
    previousStatus: 'SUBMITTED',
    actorRole: 'system',
    because: null,
  },
]

test.each(HAPPENINGS)('$type is the same when it is sent again after the end', (happening) => {
  const now = order('StockConfirmed')
  const step = stepOf(now, happening, 5)
  const later = { ...now, status: 'Shipped', version: 99, paymentToken: null } as const
  expect(draftOf(later, step)).toEqual(draftOf(now, step))
  expect(draftOf(now, step)).toMatchObject({ version: now.version + 1, occurredAt: 5, orderId: now.orderId })
})

test('only the event that asks for the payment holds the payment token', () => {
  const now = order('StockConfirmed')
  for (const happening of HAPPENINGS)
    expect(JSON.stringify(draftOf(now, stepOf(now, happening, 5)))).not.toContain('tok_')
  const asking = draftOf(now, stepOf(now, { type: 'OrderStatusChangedToStockConfirmed' }, 5))
  expect(asking).toMatchObject({ paymentToken: 'tok_visa', totalMinor: now.totalMinor, currency: 'EUR' })
})

test('after the end no payment can be asked for', () => {
  const paid = after(
    order('StockConfirmed'),
    stepOf(order('StockConfirmed'), { type: 'OrderStatusChangedToPaid', paymentId: 'p' }, 5),
  )
  expect(paid.paymentToken).toBeNull()
  expect(() => draftOf(paid, stepOf(paid, { type: 'OrderStatusChangedToStockConfirmed' }, 5))).toThrow(
    expect.objectContaining({ code: 'PAYMENT_TOKEN_GONE' }),
  )
})
