import { expect, test } from 'vitest'
import { paidOrder } from '../books/testing/material.ts'
import type { Invoice } from './invoices.ts'
import { type Ended, outcomeOf } from './outcome.ts'
import { reportOf } from './report.ts'

const invoice = (number: string): Invoice => ({
  invoice: number,
  customer: 'c',
  country: 'France',
  at: 0,
  rows: 1,
  lines: [{ sku: 'A', name: 'a', quantity: 2, priceMinor: 1000 }],
})
const [one, two] = [invoice('1'), invoice('2')]

function ended(over: Partial<Ended> = {}): Ended {
  return {
    history: { read: 5, rows: [], refused: new Map([['no-customer', [3, 4, 5]]]) },
    invoices: [one, two],
    accepted: new Map([[one, { orderId: 'o1', totalMinor: 2000, units: 2 }]]),
    refused: new Map([[two, 'TOO_MANY_LINES']]),
    again: 0,
    orders: new Map([['o1', paidOrder({ orderId: 'o1' })]]),
    analytics: [{ orderId: 'o1', unitCount: '2', totalMinor: '2000' }],
    currency: 'GBP',
    ...over,
  }
}

test('units and money are told from three sides, with rows and invoices that were refused', () => {
  const outcome = outcomeOf(ended())
  expect(outcome).toMatchObject({
    orders: { Paid: 1 },
    file: { orders: 2, units: 4, totalMinor: 4000 },
    accepted: { orders: 1, units: 2, totalMinor: 2000 },
    analytics: { orders: 1, units: 2, totalMinor: 2000 },
    refusedRows: [{ reason: 'no-customer', count: 3, lines: [3, 4, 5] }],
    refusedInvoices: [{ code: 'TOO_MANY_LINES', invoices: ['2'] }],
    faults: [],
  })
  const report = reportOf(outcome)
  expect(report).toMatch(/no customer.*3.*3, 4, 5/)
  expect(report).toMatch(/of the file.*2.*4.*40\.00 GBP/)
  expect(report).toMatch(/in ClickHouse.*1.*2.*20\.00 GBP/)
})

test.each<[string, Partial<Ended>, RegExp]>([
  ['a lost order', { orders: new Map() }, /invoice 1 \(order o1\) is not final: unknown to ordering/],
  ['an order on its way', { orders: new Map([['o1', paidOrder({ status: 'Submitted' })]]) }, /not final: Submitted/],
  ['an order missing in ClickHouse', { analytics: [] }, /not in ClickHouse/],
  ['other money in ClickHouse', { analytics: [{ orderId: 'o1', unitCount: '2', totalMinor: '1' }] }, /2 for 1$/],
  ['another acceptance', { accepted: new Map([[one, { orderId: 'o1', totalMinor: 9, units: 2 }]]) }, /accepted were 2/],
  [
    'one order for two invoices',
    {
      accepted: new Map([
        [one, { orderId: 'o1', totalMinor: 2000, units: 2 }],
        [two, { orderId: 'o1', totalMinor: 2000, units: 2 }],
      ]),
    },
    /invoice 2 \(order o1\) shares its order/,
  ],
])('%s is a fault', (_name, over, fault) => {
  expect(outcomeOf(ended(over)).faults.join('\n')).toMatch(fault)
})
