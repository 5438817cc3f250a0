import type { Evidence, LogRecord, MovementRow } from '../evidence.ts'

export const ORDER = '01900000-0000-7000-8000-000000000001'
export const PRODUCT = '01900000-0000-7000-8000-00000000000a'
const BASKET = '01900000-0000-7000-8000-00000000000b'
const CUSTOMER = 'traffic-x-1'

const STEPS = [
  ['OrderStarted', 'orders'],
  ['OrderStatusChangedToSubmitted', 'submitted-orders'],
  ['OrderStatusChangedToAwaitingValidation', 'orders-waiting-for-validation'],
  ['OrderStatusChangedToStockConfirmed', 'stock-confirmed'],
  ['OrderStatusChangedToPaid', 'paid-orders'],
] as const

const movement = (
  stockVersion: number,
  reason: string,
  delta: number,
  counts: readonly [number, number, number],
): MovementRow => ({
  productId: PRODUCT,
  stockVersion,
  reason,
  delta,
  available: counts[0],
  reserved: counts[1],
  sold: counts[2],
  orderId: reason === 'RECEIVED' ? null : ORDER,
})

let ids = 0
/** A record with an event id of its own. */
export function record(topic: string, type: string, offset: number, value: object = {}, key = ORDER): LogRecord {
  ids += 1
  return { topic, partition: 0, offset, key, type, eventId: `event-${ids}`, value: { ...value, orderId: key } }
}

/** A shop with one order that was paid, in which all is right. */
export function paidShop(): Evidence {
  const records = [
    record('order-checkouts', 'UserCheckoutAccepted', 0),
    ...STEPS.map(([type, topic], index) => record(topic, type, 0, { version: index + 1 })),
    record('order-stock-statuses', 'OrderStockConfirmed', 0),
    record('payment-status', 'OrderPaymentSucceeded', 0),
  ]
  return {
    clients: {
      accepted: [{ orderId: ORDER, customer: CUSTOMER, cancelled: false }],
      unanswered: [],
      kept: [{ customer: CUSTOMER, productId: PRODUCT, quantity: 1 }],
      isOurs: (customer) => customer.startsWith('traffic-x-'),
      broken: [],
    },
    basket: {
      checkouts: [
        { orderId: ORDER, customerId: CUSTOMER, basketId: BASKET, status: 'Started', totalMinor: 2000, unitCount: 2 },
      ],
      open: [{ customerId: CUSTOMER, lines: [{ productId: PRODUCT, quantity: 1 }] }],
      keys: [{ subject: CUSTOMER, key: 'key-1', orderId: ORDER }],
    },
    ordering: {
      orders: [
        {
          orderId: ORDER,
          customerId: CUSTOMER,
          basketId: BASKET,
          status: 'Paid',
          version: 5,
          totalMinor: 2000,
          currency: 'EUR',
          unitCount: 2,
          sinceS: 3,
        },
      ],
      steps: STEPS.map(([type], index) => ({ orderId: ORDER, version: index + 1, type, occurredAt: 0, facts: {} })),
      items: [{ orderId: ORDER, productId: PRODUCT, quantity: 2 }],
    },
    catalog: {
      stock: [{ productId: PRODUCT, available: 8, reserved: 0, sold: 2, stockVersion: 3 }],
      movements: [
        movement(1, 'RECEIVED', 10, [10, 0, 0]),
        movement(2, 'RESERVED', -2, [8, 2, 0]),
        movement(3, 'SOLD', -2, [8, 0, 2]),
      ],
      reservations: [{ orderId: ORDER, status: 'SOLD' }],
    },
    payment: {
      payments: [
        { orderId: ORDER, status: 'SUCCEEDED', amountMinor: 2000, attempts: 1, refundId: null, dueSinceS: null },
      ],
      charges: [{ key: ORDER, amountMinor: 2000, captured: true }],
      refunds: [],
    },
    outbox: records.map(({ topic, key, eventId, type }, index) => ({
      part: 'ordering',
      id: index + 1,
      topic,
      key,
      eventId,
      type,
      sent: true,
    })),
    deadLetters: [],
    records,
    lag: [],
    clickhouse: {
      events: records.map(({ topic, partition, offset, type, eventId, key }) => ({
        topic,
        partition,
        offset,
        type,
        eventId,
        orderId: key,
      })),
      orders: [
        {
          orderId: ORDER,
          status: 'Paid',
          version: 5,
          totalMinor: 2000,
          unitCount: 2,
          cancelReason: '',
          types: [...new Set(records.map(({ type }) => type))],
        },
      ],
      capturedMinor: 2000,
    },
  }
}
