import { describe, expect, test } from 'vitest'
import { analyticsAgrees } from './analytics.ts'
import { CHECKS } from './audit.ts'
import type { Check, Material } from './material.ts'
import { moneyBalances } from './money.ts'
import { eachCheckoutIsOneOrder, everyOrderIsFinal } from './orders.ts'
import { ledgerExplainsStock, nothingOversold, ordersMovedTheirStock } from './stock.ts'
import {
  balanced,
  cancelled,
  cancelledOrder,
  movement,
  ORDER,
  OTHER,
  PRODUCT,
  paidOrder,
  payment,
  RELEASED,
  RESERVED,
  SOLD,
  STRANGER,
} from './testing/material.ts'

const orders = (order = paidOrder()) => new Map([[ORDER, order]])
const charge = (over: object) => [
  { orderId: ORDER, captures: 1, capturedMinor: '2000', refunds: 0, refundedMinor: '0', ...over },
]
const book = (over: Partial<Material['products'][number]>) =>
  balanced().products.map((product) => ({ ...product, ...over }))
const row = (over: object) => balanced().rows.map((one) => ({ ...one, ...over }))
const says = (check: Check, material: Material) =>
  check.find(material).map((finding) => [...finding.orderIds, finding.says].join(' '))

test('books in which everything is right have no findings', () => {
  for (const check of CHECKS) {
    expect(check.find(balanced()), check.title).toEqual([])
    expect(check.find(cancelled()), check.title).toEqual([])
  }
})

test('a refunded cancellation is right', () => {
  const material = cancelled({
    payments: new Map([[ORDER, payment({ status: 'REFUNDED' })]]),
    charges: charge({ refunds: 1, refundedMinor: '2000' }),
  })
  expect(says(moneyBalances, material)).toEqual([])
})

test('a customer without an answer may have one order', () => {
  const other = paidOrder({ orderId: OTHER, customerId: 'traffic-x-2' })
  const material = balanced({ listed: [paidOrder(), other], unanswered: new Set(['traffic-x-2']) })
  expect(says(eachCheckoutIsOneOrder, material)).toEqual([])
})

/** One thing wrong each, and the check that must say so. */
const WRONG: readonly (readonly [string, Check, Material, RegExp])[] = [
  ['a lost order', eachCheckoutIsOneOrder, balanced({ orders: new Map() }), /ordering does not know it/],
  ['a checkout unknown to basket', eachCheckoutIsOneOrder, balanced({ checkouts: new Map() }), /basket does not know/],
  ['one order for two checkouts', eachCheckoutIsOneOrder, balanced({ accepted: [ORDER, ORDER] }), /two different/],
  [
    'an order that nobody was told of',
    eachCheckoutIsOneOrder,
    balanced({ listed: [paidOrder(), paidOrder({ orderId: OTHER })] }),
    new RegExp(`${OTHER} traffic-x-1 has an order that no answer told of`),
  ],
  [
    'two orders of a customer without an answer',
    eachCheckoutIsOneOrder,
    balanced({
      accepted: [],
      unanswered: new Set(['traffic-x-1']),
      listed: [paidOrder(), paidOrder({ orderId: OTHER })],
    }),
    new RegExp(OTHER),
  ],
  [
    'an order for another total',
    eachCheckoutIsOneOrder,
    balanced({ orders: orders(paidOrder({ total: { amount: '21.00', currency: 'EUR' } })) }),
    /accepted 20.00 EUR.*has 21.00 EUR/,
  ],
  [
    'an order with fewer units',
    eachCheckoutIsOneOrder,
    balanced({ orders: orders(paidOrder({ unitCount: 1 })) }),
    /2 units; .* 1 units/,
  ],
  [
    'an order that stays on its way',
    everyOrderIsFinal,
    balanced({ orders: orders(paidOrder({ status: 'StockConfirmed' })) }),
    /still StockConfirmed/,
  ],
  ['a paid order without payment', moneyBalances, balanced({ payments: new Map() }), /payment is unknown/],
  [
    'a paid order whose payment failed',
    moneyBalances,
    balanced({ payments: new Map([[ORDER, payment({ status: 'FAILED' })]]) }),
    /payment is FAILED/,
  ],
  [
    'another amount charged',
    moneyBalances,
    balanced({ payments: new Map([[ORDER, payment({ amount: { amount: '2.00', currency: 'EUR' } })]]) }),
    /costs 20.00 EUR, charged 2.00 EUR/,
  ],
  ['two captures', moneyBalances, balanced({ charges: charge({ captures: 2 }) }), /captured 2 times/],
  ['no capture', moneyBalances, balanced({ charges: [] }), /captured 0 times/],
  ['another amount captured', moneyBalances, balanced({ charges: charge({ capturedMinor: '1999' }) }), /captured 1999/],
  ['a paid order refunded', moneyBalances, balanced({ charges: charge({ refunds: 1 }) }), /refunded 1 times/],
  [
    'a cancelled order that was charged',
    moneyBalances,
    cancelled({ payments: new Map([[ORDER, payment()]]), charges: charge({}) }),
    /Cancelled, and its payment is SUCCEEDED/,
  ],
  [
    'a capture that nobody gave back',
    moneyBalances,
    cancelled({ charges: charge({}) }),
    /captured 1 times .* refunded 0 times/,
  ],
  [
    'a refund of another amount',
    moneyBalances,
    cancelled({
      payments: new Map([[ORDER, payment({ status: 'REFUNDED' })]]),
      charges: charge({ refunds: 1, refundedMinor: '1' }),
    }),
    /\(2000 minor units\), refunded 1 times \(1\)/,
  ],
  [
    'a refund under way for ever',
    moneyBalances,
    cancelled({ payments: new Map([[ORDER, payment({ status: 'REFUNDING' })]]) }),
    /payment is REFUNDING/,
  ],
  [
    'cancelled for a payment that did not fail',
    moneyBalances,
    cancelled({ orders: orders(cancelledOrder('PAYMENT')) }),
    /cancelled for its payment, which is unknown/,
  ],
  [
    'stock that the ledger does not explain',
    ledgerExplainsStock,
    balanced({ products: book({ now: { available: 7, reserved: 0, sold: 3, stockVersion: 7 } }) }),
    /A-1: the product says 7 available/,
  ],
  [
    'a ledger with a gap',
    ledgerExplainsStock,
    balanced({ products: book({ movements: [RESERVED, { ...SOLD, stockVersion: 8 }] }) }),
    /movement 8 says/,
  ],
  [
    'a movement with a wrong sum',
    ledgerExplainsStock,
    balanced({ products: book({ movements: [{ ...RESERVED, available: 9 }, SOLD] }) }),
    /movement 6 says 9 available/,
  ],
  [
    'stock below zero',
    nothingOversold,
    balanced({ products: book({ movements: [movement(6, { available: -1 })] }) }),
    /A-1 at movement 6: -1 available/,
  ],
  [
    'a paid order that took nothing',
    ordersMovedTheirStock,
    balanced({ products: book({ movements: [] }) }),
    /Paid with 2 units, reserved 0, released 0, sold 0/,
  ],
  [
    'a paid order that took its units twice',
    ordersMovedTheirStock,
    balanced({ products: book({ movements: [RESERVED, SOLD, RESERVED, SOLD] }) }),
    /reserved 4, released 0, sold 4/,
  ],
  [
    'a paid order that gave its units back',
    ordersMovedTheirStock,
    balanced({ products: book({ movements: [RESERVED, RELEASED] }) }),
    /Paid with 2 units, reserved 2, released 2, sold 0/,
  ],
  [
    'a cancelled order that kept its units',
    ordersMovedTheirStock,
    cancelled({ products: book({ movements: [RESERVED] }) }),
    /Cancelled with 2 units, reserved 2, released 0/,
  ],
  [
    'units of a product that was not ordered',
    ordersMovedTheirStock,
    balanced({ products: [...balanced().products, ...book({ id: STRANGER, movements: [RESERVED] })] }),
    new RegExp(`product ${STRANGER}: Paid with 0 units, reserved 2`),
  ],
  ['an order missing in ClickHouse', analyticsAgrees, balanced({ rows: [] }), /not in ClickHouse/],
  [
    'an order twice in ClickHouse',
    analyticsAgrees,
    balanced({ rows: [...row({}), ...row({})] }),
    /2 rows in ClickHouse/,
  ],
  [
    'an order only in ClickHouse',
    analyticsAgrees,
    balanced({ rows: [...row({}), ...row({ orderId: OTHER })] }),
    new RegExp(`${OTHER} only in ClickHouse`),
  ],
  ['another status', analyticsAgrees, balanced({ rows: row({ status: 'Submitted' }) }), /ordering says Paid/],
  ['another total', analyticsAgrees, balanced({ rows: row({ totalMinor: '1' }) }), /total: ordering says 2000/],
  ['no total', analyticsAgrees, balanced({ rows: row({ totalMinor: null }) }), /total: .*NaN/],
  ['other units', analyticsAgrees, balanced({ rows: row({ unitCount: '3' }) }), /units: ordering says 2/],
  ['another currency', analyticsAgrees, balanced({ rows: row({ currency: 'USD' }) }), /currency: ordering says EUR/],
  [
    'another reason',
    analyticsAgrees,
    cancelled({ rows: cancelled().rows.map((one) => ({ ...one, cancelReason: 'STOCK' })) }),
    /cancel reason: ordering says CUSTOMER, ClickHouse STOCK/,
  ],
]

describe('what is wrong is found', () => {
  test.each(WRONG)('%s', (_name, check, material, finding) => {
    expect(says(check, material).join('\n')).toMatch(finding)
  })

  test('every check is proved able to fail', () => {
    expect(new Set(WRONG.map(([, check]) => check))).toEqual(new Set(CHECKS))
  })
})

test('product ids name the product in a finding', () => {
  expect(says(ordersMovedTheirStock, balanced({ products: [] })).join()).toContain(PRODUCT)
})
