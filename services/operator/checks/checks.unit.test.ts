import { expect, test } from 'vitest'
import { endedReservations } from './reservations.ts'
import { type StuckOrder, stuckChecks } from './stuck.ts'

const stuck = (over: Partial<StuckOrder> = {}): StuckOrder => ({
  orderId: 'a',
  status: 'AwaitingValidation',
  waitsFor: 'catalog',
  why: 'NOT_READ',
  waitingSeconds: 130,
  redrives: 0,
  ...over,
})

test('no order that stands still is one good check', () => {
  expect(stuckChecks([])).toEqual([{ name: 'Orders', ok: true, detail: 'none is stuck' }])
})

test('orders that stand still are one finding for each kind, with the oldest and a fix', () => {
  const checks = stuckChecks([
    stuck(),
    stuck({ orderId: 'b', waitingSeconds: 900 }),
    stuck({ orderId: 'c', status: 'Submitted', waitsFor: 'grace-period', why: 'GRACE_TASK_SILENT' }),
    stuck({ orderId: 'd', status: 'StockConfirmed', waitsFor: 'payment', why: 'NO_ANSWER', redrives: 3 }),
  ])
  expect(checks).toMatchObject([
    {
      ok: false,
      detail: '2 wait for catalog (NOT_READ), the oldest (b) for 900 s, asked again 0 times',
      fix: expect.stringContaining('catalog.log'),
    },
    { ok: false, fix: expect.stringContaining('grace-period task') },
    {
      ok: false,
      detail: expect.stringContaining('asked again 3 times'),
      fix: expect.stringContaining('dlq list --service payment'),
    },
  ])
})

test('a reservation is a finding only when its order does not need it', () => {
  const held = ['live', 'asked', 'paid', 'cancelled', 'nobody'].map((orderId, n) => ({ orderId, heldSeconds: 200 + n }))
  const orders = [
    { orderId: 'live', status: 'StockConfirmed' },
    { orderId: 'asked', status: 'AwaitingValidation' },
    { orderId: 'paid', status: 'Paid' },
    { orderId: 'cancelled', status: 'Cancelled' },
  ]
  expect(endedReservations(held.slice(0, 2), orders)).toBeUndefined()
  expect(endedReservations(held, orders)).toBe(
    '3 held for orders that do not need them (1 Paid, 1 Cancelled, 1 unknown to ordering), the oldest (order nobody) for 204 s',
  )
})
