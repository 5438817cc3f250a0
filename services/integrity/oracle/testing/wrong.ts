import type { Evidence, InvariantName } from '../evidence.ts'
import { ORDER, PRODUCT, paidShop, record } from './evidence.ts'

type Case = readonly [name: string, invariant: InvariantName, evidence: Evidence, says: RegExp]

/** The right shop with one side of it changed. */
export function shop(change: (right: Evidence) => object): Evidence {
  const right = paidShop()
  return { ...right, ...change(right) }
}

const STRANGER = '01900000-0000-7000-8000-000000000002'
const order = (right: Evidence, over: object) => ({
  ordering: { ...right.ordering, orders: right.ordering.orders.map((one) => ({ ...one, ...over })) },
})
export const payment = (right: Evidence, over: object) => ({ payment: { ...right.payment, ...over } })
const catalog = (right: Evidence, over: object) => ({ catalog: { ...right.catalog, ...over } })
const clickhouse = (right: Evidence, over: object) => ({ clickhouse: { ...right.clickhouse, ...over } })

/** One thing wrong each, which invariant must find it, and what it says. */
export const WRONG: readonly Case[] = [
  [
    'a checkout that was accepted and is gone',
    'accepted',
    shop(({ basket }) => ({ basket: { ...basket, checkouts: [] } })),
    /no such checkout/,
  ],
  [
    'one order told to two customers',
    'accepted',
    shop(({ clients }) => ({ clients: { ...clients, accepted: [...clients.accepted, ...clients.accepted] } })),
    /same order/,
  ],
  [
    'a key with two orders',
    'accepted',
    shop(({ basket }) => ({ basket: { ...basket, keys: [...basket.keys, ...basket.keys] } })),
    /made 2 orders/,
  ],
  [
    'a cancellation that was told and forgotten',
    'accepted',
    shop(({ clients }) => ({ clients: { ...clients, accepted: [{ ...clients.accepted[0], cancelled: true }] } })),
    /told that it is cancelled, and it is Paid/,
  ],
  [
    'a new basket that was cleared',
    'accepted',
    shop(({ basket }) => ({ basket: { ...basket, open: [] } })),
    /new basket, which has none/,
  ],
  [
    'an answer 500',
    'accepted',
    shop(({ clients }) => ({ clients: { ...clients, broken: [{ call: 'GET /v1/orders', status: 500 }] } })),
    /500/,
  ],
  [
    'an order that never came',
    'lost',
    shop(({ ordering }) => ({ ordering: { ...ordering, orders: [] } })),
    /no such order/,
  ],
  [
    'a step that was never published',
    'lost',
    shop(({ records }) => ({ records: records.filter(({ topic }) => topic !== 'paid-orders') })),
    /step 5 .* in no topic/,
  ],
  [
    'a row marked before it was sent',
    'lost',
    shop(({ outbox }) => ({ outbox: [{ ...outbox[0], id: 99, eventId: 'nowhere' }] })),
    /99 .* marked sent/,
  ],
  [
    'an answer of the bank that was not told',
    'lost',
    shop((right) => payment(right, { payments: [{ ...right.payment.payments[0], status: 'FAILED' }] })),
    /no OrderPaymentFailed/,
  ],
  [
    'an order out of nothing',
    'doubled',
    shop(({ basket }) => ({ basket: { ...basket, checkouts: [] } })),
    /no checkout asked for/,
  ],
  [
    'two orders of one basket',
    'doubled',
    shop((right) => ({
      ordering: {
        ...right.ordering,
        orders: [...right.ordering.orders, { ...right.ordering.orders[0], orderId: STRANGER }],
      },
    })),
    /one of 2 orders of basket/,
  ],
  [
    'more orders than checkouts',
    'doubled',
    shop(({ clients }) => ({ clients: { ...clients, accepted: [] } })),
    /has 1 orders, and sent at most 0/,
  ],
  [
    'units reserved twice',
    'doubled',
    shop((right) => catalog(right, { movements: [...right.catalog.movements, ...right.catalog.movements.slice(1)] })),
    /reserved 4/,
  ],
  [
    'two contents of one version',
    'doubled',
    shop(({ records }) => ({
      records: [...records, record('paid-orders', 'OrderStatusChangedToPaid', 1, { version: 5, totalMinor: 1 })],
    })),
    /differing events of one version/,
  ],
  [
    'a consequence that came twice',
    'doubled',
    shop(({ records }) => ({
      records: [
        ...records,
        { ...record('orders', 'OrderStarted', 1, { version: 1 }), causationId: 'c' },
        { ...record('orders', 'OrderStarted', 2, { version: 1 }), causationId: 'c' },
      ],
    })),
    /its consequence twice/,
  ],
  [
    'a record that was dropped',
    'lost',
    shop(({ records }) => ({ records: [...records, { ...record('orders', 'unreadable', 7), eventId: '' }] })),
    /basket dropped the unreadable record/,
  ],
  [
    'stock confirmed and refused',
    'doubled',
    shop(({ records }) => ({ records: [...records, record('order-stock-statuses', 'OrderStockRejected', 1)] })),
    /both confirmed and refused/,
  ],
  [
    'stock below zero',
    'oversold',
    shop((right) => catalog(right, { stock: [{ ...right.catalog.stock[0], available: -1 }] })),
    /below zero/,
  ],
  [
    'a ledger that does not add up',
    'oversold',
    shop((right) => catalog(right, { movements: right.catalog.movements.slice(0, 2) })),
    /ledger ends elsewhere/,
  ],
  [
    'a movement with a wrong sum',
    'oversold',
    shop((right) => catalog(right, { movements: right.catalog.movements.map((one) => ({ ...one, sold: 2 })) })),
    /adds up to/,
  ],
  [
    'a charge under another key',
    'charged twice',
    shop((right) =>
      payment(right, { charges: [...right.payment.charges, { key: `${ORDER}-2`, amountMinor: 2000, captured: true }] }),
    ),
    /which is no order/,
  ],
  [
    'another amount',
    'charged twice',
    shop((right) => payment(right, { charges: [{ key: ORDER, amountMinor: 1, captured: true }] })),
    /costs 2000/,
  ],
  [
    'two refunds',
    'charged twice',
    shop((right) =>
      payment(right, {
        refunds: [
          { key: 'a', chargeKey: ORDER, amountMinor: 2000 },
          { key: 'b', chargeKey: ORDER, amountMinor: 2000 },
        ],
      }),
    ),
    /refunded 2 times/,
  ],
  ['a charge that payment forgot', 'charged twice', shop((right) => payment(right, { payments: [] })), /knows nothing/],
  [
    'a paid order that was not charged',
    'unbalanced',
    shop((right) => payment(right, { charges: [] })),
    /captured and kept: 0/,
  ],
  [
    'a paid order that was refunded',
    'unbalanced',
    shop((right) => payment(right, { refunds: [{ key: 'a', chargeKey: ORDER, amountMinor: 2000 }] })),
    /captured and kept: 0/,
  ],
  [
    'a cancelled order that kept its units',
    'unbalanced',
    shop((right) => order(right, { status: 'Cancelled' })),
    /given back 0, sold 2/,
  ],
  [
    'money that nobody gave back',
    'unbalanced',
    shop((right) => order(right, { status: 'Cancelled' })),
    /2000 was captured and not given back/,
  ],
  [
    'a record that is not in ClickHouse',
    'missing in ClickHouse',
    shop((right) => clickhouse(right, { events: right.clickhouse.events.slice(1) })),
    /is not in ClickHouse/,
  ],
  [
    'a record twice in ClickHouse',
    'missing in ClickHouse',
    shop((right) => clickhouse(right, { events: [...right.clickhouse.events, right.clickhouse.events[0]] })),
    /2 times/,
  ],
  [
    'a record out of nothing',
    'missing in ClickHouse',
    shop(({ records }) => ({ records: records.slice(1) })),
    /only in ClickHouse/,
  ],
  [
    'a row that an old event wrote over',
    'missing in ClickHouse',
    shop((right) => clickhouse(right, { orders: [{ ...right.clickhouse.orders[0], status: 'Submitted' }] })),
    /ordering says Paid, ClickHouse Submitted/,
  ],
  [
    'a row that never heard of an event',
    'missing in ClickHouse',
    shop((right) =>
      clickhouse(right, {
        orders: [{ ...right.clickhouse.orders[0], types: right.clickhouse.orders[0]?.types.slice(1) }],
      }),
    ),
    /knows nothing of UserCheckoutAccepted/,
  ],
  ['another sum', 'missing in ClickHouse', shop((right) => clickhouse(right, { capturedMinor: 1 })), /adds up 1/],
  [
    'an order that waits',
    'stuck',
    shop((right) => order(right, { status: 'StockConfirmed' })),
    /StockConfirmed for 3 s/,
  ],
  [
    'an event that is not sent',
    'stuck',
    shop(({ outbox }) => ({ outbox: outbox.map((row) => ({ ...row, sent: false })) })),
    /not sent/,
  ],
  [
    'a payment that waits',
    'stuck',
    shop((right) => payment(right, { payments: [{ ...right.payment.payments[0], status: 'CHARGING' }] })),
    /CHARGING after 1/,
  ],
  [
    'units held for nobody',
    'stuck',
    shop((right) => catalog(right, { reservations: [{ orderId: STRANGER, status: 'RESERVED' }] })),
    /held for an order that is unknown/,
  ],
  [
    'a group that is behind',
    'stuck',
    shop(() => ({ lag: [{ group: 'basket', topic: 'orders', partition: 1, records: 4 }] })),
    /4 records behind/,
  ],
  [
    'a dead letter',
    'stuck',
    shop(() => ({
      deadLetters: [
        {
          part: 'ordering',
          topic: 'orders',
          partition: 0,
          offset: 1,
          key: ORDER,
          type: 'X',
          state: 'OPEN',
          reason: 'because',
        },
      ],
    })),
    /because/,
  ],
  [
    'a status that its steps do not explain',
    'illegal path',
    shop((right) => order(right, { status: 'Shipped' })),
    /last step is OrderStatusChangedToPaid/,
  ],
  [
    'a step that may not follow',
    'illegal path',
    shop(({ ordering }) => ({
      ordering: { ...ordering, steps: ordering.steps.filter(({ version }) => version !== 4) },
    })),
    /Paid after .*AwaitingValidation/,
  ],
  [
    'a topic out of order',
    'illegal path',
    shop(({ records }) => ({
      records: [
        ...records,
        record('product-stock-changes', 'X', 0, { stockVersion: 2 }, PRODUCT),
        record('product-stock-changes', 'X', 1, { stockVersion: 1 }, PRODUCT),
      ],
    })),
    /1 at offset 1 after 2/,
  ],
  [
    'a gap in a topic',
    'illegal path',
    shop(({ records }) => ({
      records: [
        ...records,
        record('product-stock-changes', 'X', 0, { stockVersion: 1 }, PRODUCT),
        record('product-stock-changes', 'X', 1, { stockVersion: 3 }, PRODUCT),
      ],
    })),
    /a gap/,
  ],
]

/** What is wrong although everything goes on, and what it says. */
export const TOO_EARLY: readonly Case[] = [
  [
    'paid before the bank has captured',
    'unbalanced',
    shop((right) => payment(right, { charges: [] })),
    /Paid and costs \d+; captured and kept: 0/,
  ],
  [
    'money given back of an order that stands',
    'unbalanced',
    shop((right) => payment(right, { refunds: [{ key: 'r', chargeKey: ORDER, amountMinor: 0 }] })),
    /captured and kept: 0/,
  ],
  [
    'money given back before the cancellation',
    'unbalanced',
    shop((right) => ({
      ...order(right, { status: 'StockConfirmed' }),
      ...payment(right, { refunds: [{ key: 'r', chargeKey: ORDER, amountMinor: 0 }] }),
    })),
    /given back, and the order is StockConfirmed/,
  ],
  [
    'money taken before the stock is confirmed',
    'unbalanced',
    shop(({ ordering }) => ({
      ordering: {
        ...ordering,
        orders: ordering.orders.map((one) => ({ ...one, status: 'AwaitingValidation' })),
        steps: ordering.steps.slice(0, 3),
      },
    })),
    /before the stock was confirmed/,
  ],
  [
    'units sold before the order is paid',
    'unbalanced',
    shop((right) => order(right, { status: 'StockConfirmed' })),
    /StockConfirmed with .* sold [1-9]/,
  ],
  [
    'a step in no topic and in no outbox',
    'lost',
    shop(({ records }) => ({ records: records.filter(({ topic }) => topic !== 'submitted-orders'), outbox: [] })),
    /OrderStatusChangedToSubmitted is in no topic and in no outbox/,
  ],
  [
    'a row marked sent that the broker does not have',
    'lost',
    shop(({ outbox }) => ({
      outbox: [
        ...outbox,
        {
          ...{ part: 'ordering', id: 99, topic: 'orders', key: ORDER, eventId: 'gone', type: 'OrderStarted' },
          sent: true,
        },
      ],
    })),
    /marked sent and is not in orders/,
  ],
]
