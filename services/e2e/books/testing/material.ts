import type { Movement, OrderView, PaymentView } from '../../rest/views.ts'
import type { Material } from '../material.ts'

export const ORDER = '0193f000-0000-7000-8000-000000000001'
export const OTHER = '0193f000-0000-7000-8000-000000000002'
export const PRODUCT = '0193f000-0000-7000-8000-00000000000a'
export const STRANGER = '0193f000-0000-7000-8000-00000000000b'

const total = { amount: '20.00', currency: 'EUR' }

/** An order of 2 units for 20.00 that was paid. */
export function paidOrder(over: Partial<OrderView> = {}): OrderView {
  return {
    orderId: ORDER,
    status: 'Paid',
    customerId: 'traffic-x-1',
    placedAt: '2026-11-22T10:00:00.000Z',
    total,
    itemCount: 1,
    unitCount: 2,
    items: [{ productId: PRODUCT, quantity: 2 }],
    timeline: [
      { status: 'Submitted', at: '2026-11-22T10:00:00.100Z' },
      { status: 'Paid', at: '2026-11-22T10:00:01.000Z' },
    ],
    ...over,
  }
}

export function cancelledOrder(reason = 'CUSTOMER'): OrderView {
  return paidOrder({ status: 'Cancelled', timeline: [{ status: 'Cancelled', at: '2026-11-22T10:00:01.000Z', reason }] })
}

export function payment(over: Partial<PaymentView> = {}): PaymentView {
  return { orderId: ORDER, paymentId: STRANGER, status: 'SUCCEEDED', amount: total, ...over }
}

export function movement(stockVersion: number, over: Partial<Movement>): Movement {
  return { reason: 'RESERVED', delta: -2, orderId: ORDER, available: 8, reserved: 2, sold: 0, stockVersion, ...over }
}

export const RESERVED = movement(6, {})
export const SOLD = movement(7, { reason: 'SOLD', available: 8, reserved: 0, sold: 2 })
export const RELEASED = movement(7, { reason: 'RELEASED', delta: 2, available: 10, reserved: 0, sold: 0 })

/** The books of one paid order, in which everything is right. */
export function balanced(over: Partial<Material> = {}): Material {
  return {
    accepted: [ORDER],
    unanswered: new Set(),
    checkouts: new Map([[ORDER, { orderId: ORDER, status: 'Started', total, itemCount: 1, unitCount: 2 }]]),
    listed: [paidOrder()],
    orders: new Map([[ORDER, paidOrder()]]),
    payments: new Map([[ORDER, payment()]]),
    products: [
      {
        id: PRODUCT,
        sku: 'A-1',
        before: { available: 10, reserved: 0, sold: 0, stockVersion: 5 },
        now: { available: 8, reserved: 0, sold: 2, stockVersion: 7 },
        movements: [RESERVED, SOLD],
      },
    ],
    rows: [{ orderId: ORDER, status: 'Paid', currency: 'EUR', totalMinor: '2000', unitCount: '2', cancelReason: '' }],
    charges: [{ orderId: ORDER, captures: 1, capturedMinor: '2000', refunds: 0, refundedMinor: '0' }],
    ...over,
  }
}

/** The same of an order that was cancelled before anything was charged, after its stock was reserved. */
export function cancelled(over: Partial<Material> = {}): Material {
  const order = cancelledOrder()
  const [book] = balanced().products
  return balanced({
    listed: [order],
    orders: new Map([[ORDER, order]]),
    payments: new Map(),
    products: book
      ? [{ ...book, now: { available: 10, reserved: 0, sold: 0, stockVersion: 7 }, movements: [RESERVED, RELEASED] }]
      : [],
    rows: [
      {
        orderId: ORDER,
        status: 'Cancelled',
        currency: 'EUR',
        totalMinor: '2000',
        unitCount: '2',
        cancelReason: 'CUSTOMER',
      },
    ],
    charges: [],
    ...over,
  })
}
