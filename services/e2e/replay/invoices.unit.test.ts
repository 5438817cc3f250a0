import { expect, test } from 'vitest'
import { toInvoices, unitsBySku } from './invoices.ts'
import type { Row } from './rows.ts'

const row = (over: Partial<Row>): Row => ({
  line: 2,
  invoice: '1',
  customer: 'c',
  stockCode: 'A',
  description: 'a',
  quantity: 1,
  priceMinor: 100,
  at: 1000,
  country: 'X',
  ...over,
})

test('one checkout per invoice number and customer, in date order', () => {
  const invoices = toInvoices([
    row({ invoice: '2', at: 5 }),
    row({ invoice: '1', at: 9 }),
    row({ invoice: '1', customer: 'd', at: 1 }),
    row({ invoice: '1', at: 3 }),
  ])
  expect(invoices.map(({ invoice, customer, at, rows }) => [invoice, customer, at, rows])).toEqual([
    ['1', 'd', 1, 1],
    ['1', 'c', 3, 2],
    ['2', 'c', 5, 1],
  ])
})

test('repeated lines add up', () => {
  expect(toInvoices([row({ quantity: 2 }), row({ quantity: 3 })])[0]?.lines).toEqual([
    { sku: 'A', name: 'a', quantity: 5, priceMinor: 100 },
  ])
})

test('a product at two prices within one invoice becomes one product per price', () => {
  const [invoice] = toInvoices([row({ quantity: 2 }), row({ priceMinor: 90 }), row({ priceMinor: 90 })])
  expect(invoice?.lines).toEqual([
    { sku: 'A', name: 'a', quantity: 2, priceMinor: 100 },
    { sku: 'A@90', name: 'a', quantity: 2, priceMinor: 90 },
  ])
})

test('units are added up over all invoices', () => {
  const invoices = toInvoices([row({}), row({ invoice: '2', quantity: 4 }), row({ invoice: '3', stockCode: 'B' })])
  expect([...unitsBySku(invoices)]).toEqual([
    ['A', 5],
    ['B', 1],
  ])
})
