import { expect, test } from 'vitest'
import { balanced, cancelledOrder, ORDER, OTHER, paidOrder } from '../books/testing/material.ts'
import { reportOf } from './report.ts'
import type { Visit } from './session.ts'
import { verdictOf } from './verdict.ts'

const PAID_AT = Date.parse('2026-11-22T10:00:01.000Z')
const visits: Visit[] = [
  { end: 'accepted', orderId: ORDER, customer: 'a', cancelled: false, acceptedAt: PAID_AT - 900, checkoutMs: 12 },
  { end: 'accepted', orderId: OTHER, customer: 'b', cancelled: false, acceptedAt: PAID_AT, checkoutMs: 40 },
  { end: 'abandoned' },
  { end: 'refused', code: 'PRODUCT_DISCONTINUED' },
  { end: 'unknown', why: 'no answer', customer: 'x' },
]

test('every visit is in the verdict, accepted ones by what became of the order', () => {
  const material = balanced({
    orders: new Map([
      [ORDER, paidOrder()],
      [OTHER, { ...cancelledOrder('STOCK'), orderId: OTHER }],
    ]),
  })
  const verdict = verdictOf(visits, material, [])
  expect(verdict).toMatchObject({
    visits: 5,
    accepted: 2,
    abandoned: 1,
    refused: { PRODUCT_DISCONTINUED: 1 },
    unknown: { 'no answer': 1 },
    orders: { Paid: 1, 'Cancelled (STOCK)': 1 },
    toPaidMs: { count: 1, p50: 900 },
    checkoutMs: { count: 2, p99: 40 },
    ok: true,
  })
})

test('an accepted checkout that ordering does not know is in the table too', () => {
  const verdict = verdictOf(visits, balanced(), [])
  expect(verdict.orders).toEqual({ Paid: 1, 'not final: unknown to ordering': 1 })
})

test('one finding makes the verdict wrong and stands in the report with its order', () => {
  const verdict = verdictOf(visits, balanced(), [
    { title: 'all is well', findings: [] },
    { title: 'money', findings: [{ says: 'captured 2 times', orderIds: [ORDER] }] },
  ])
  expect(verdict.ok).toBe(false)
  const report = reportOf(verdict)
  expect(report).toMatch(/ok {4}all is well/)
  expect(report).toContain(`${ORDER} captured 2 times`)
  expect(report).toContain('The books do NOT balance: 1 of 2.')
})
