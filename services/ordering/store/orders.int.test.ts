import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestDatabase, testDatabase } from '#pipelines/testing/database.ts'
import { sensitive } from '#schemas/codec/sensitive.ts'
import { submit } from '../domain/checkout.ts'
import { after, stepOf } from '../domain/order.ts'
import { checkout, item } from '../testing/samples.ts'
import { insertOrder, lockOrder, recordStep, stepsOf } from './orders.ts'
import { findOrder, listOrders } from './reading.ts'

let db: TestDatabase

beforeAll(async () => {
  db = await testDatabase({ migrations: [join(import.meta.dirname, '../migrations')] })
})
afterAll(() => db.close())

async function store(overrides: Parameters<typeof checkout>[0] = {}) {
  return db.transaction(async (tx) => {
    const event = checkout(overrides)
    const { now } = await lockOrder(tx, event.orderId)
    const submission = submit(event, { now, graceMs: 10_000 })
    expect(await insertOrder(tx, { ...submission, now })).toBe(true)
    return { ...submission, now }
  })
}

test('an order is read as it was stored, with its steps', async () => {
  const { order: stored, steps } = await store({ items: [item({ lineNo: 7 }), item({ lineNo: 2, quantity: 9 })] })
  const { address, graceEndsAt, ...decided } = stored
  const { order, now } = await db.transaction((tx) => lockOrder(tx, stored.orderId))
  expect(order).toEqual(decided)
  expect(await db.transaction((tx) => stepsOf(tx, stored.orderId))).toEqual(steps)
  expect(Math.abs(now - Date.now())).toBeLessThan(60_000)
  const { paymentToken, ...readable } = decided
  expect(await findOrder(db, stored.orderId)).toEqual({
    ...readable,
    address,
    graceEndsAt,
    steps,
    itemCount: 2,
    unitCount: 11,
  })
})

test('an unknown order locks nothing and still tells the time', async () => {
  const { order, now } = await db.transaction((tx) => lockOrder(tx, checkout().orderId))
  expect(order).toBeUndefined()
  expect(now).toBeGreaterThan(0)
})

test('of two concurrent checkouts of one order, the second stores nothing and sees the first', async () => {
  const event = checkout()
  const insert = () =>
    db.transaction(async (tx) => {
      const { now } = await lockOrder(tx, event.orderId)
      const { order, steps } = submit(event, { now, graceMs: 0 })
      const inserted = await insertOrder(tx, { order, steps, now })
      return { inserted, seen: (await lockOrder(tx, event.orderId)).order?.version }
    })
  const results = await Promise.all([insert(), insert(), insert()])
  expect(results.filter(({ inserted }) => inserted)).toHaveLength(1)
  expect(results.map(({ seen }) => seen)).toEqual([2, 2, 2])
})

test('a step moves the order on and the payment token goes with the payment', async () => {
  const { order } = await store({ paymentToken: sensitive('tok_canary') })
  const moved = await db.transaction(async (tx) => {
    const locked = (await lockOrder(tx, order.orderId)).order
    if (!locked) throw new TypeError('not stored')
    const step = stepOf(locked, { type: 'OrderStatusChangedToPaid', paymentId: order.basketId }, 1_700_000_000_123)
    await recordStep(tx, after(locked, step), step)
    return { step, steps: await stepsOf(tx, order.orderId), again: (await lockOrder(tx, order.orderId)).order }
  })
  expect(moved.steps.at(-1)).toEqual(moved.step)
  expect(moved.again).toMatchObject({ status: 'Paid', version: 3, paymentToken: null })
  const rows = await db.query<{ row: string }>('select orders::text as row from orders where order_id = $1', [
    order.orderId,
  ])
  expect(rows[0]?.row).not.toContain('tok_canary')
})

test('a step of an order that is not as it was locked is refused', async () => {
  const { order } = await store()
  const step = stepOf({ ...order, version: 7 }, { type: 'OrderStatusChangedToAwaitingValidation' }, 0)
  await expect(db.transaction((tx) => recordStep(tx, after(order, step), step))).rejects.toMatchObject({
    code: 'ORDER_MOVED',
  })
})

test('a checkout that no database would take as it is becomes a cancelled order', async () => {
  const { order } = await store({
    customerId: 'a'.repeat(5_000),
    occurredAt: Number.MAX_SAFE_INTEGER,
    items: [item({ name: 'nul\0nul', quantity: -3 }), item({ lineNo: 1, unitPriceMinor: Number.MAX_SAFE_INTEGER })],
    totalMinor: Number.MIN_SAFE_INTEGER,
    currency: '\0\0',
  })
  expect(await findOrder(db, order.orderId)).toMatchObject({ status: 'Cancelled', version: 3 })
})

test('pages of a list hold each order once, newest first, also when many were placed at once', async () => {
  const customerId = 'pager'
  const ids: string[] = []
  for (let i = 0; i < 7; i++)
    ids.push((await store({ customerId, occurredAt: 1_000 * Math.floor(i / 3) })).order.orderId)
  await store({ customerId: 'somebody-else' })
  const seen: string[] = []
  for (let last: { placedAt: number; orderId: string } | undefined; ; ) {
    const page = await listOrders(db, { customerId, limit: 2, after: last })
    seen.push(...page.map(({ orderId }) => orderId))
    last = page.at(-1)
    if (!last) break
  }
  expect(seen).toEqual(ids.toReversed().sort((a, b) => ids.indexOf(b) - ids.indexOf(a)))
  const between = await listOrders(db, { customerId, from: 1_000, to: 2_000, limit: 100, status: 'Submitted' })
  expect(between.map(({ orderId }) => orderId).sort()).toEqual(ids.slice(3, 6).sort())
  expect(await listOrders(db, { customerId, status: 'Paid', limit: 100 })).toEqual([])
})
