import { afterEach, expect, test } from 'vitest'
import type { TopicName } from '#pipelines/flow/map.ts'
import type { Outside } from '#pipelines/http/outside.ts'
import type { HttpPlace } from '#pipelines/http/service.ts'
import { newId } from '#pipelines/kernel/ids.ts'
import { createOutbox } from '#pipelines/outbox/outbox.ts'
import { eventually } from '#pipelines/testing/eventually.ts'
import { startTestService, type TestService } from '#pipelines/testing/service.ts'
import type { ShopEvent } from '#schemas/generated/events.ts'
import { createOrdering } from '../app.ts'
import type { Reply } from '../domain/inputs.ts'
import { confirmGracePeriods } from '../grace-period/confirm.ts'
import { takeGraceOver } from '../store/grace.ts'
import { IMPATIENT } from '../testing/patience.ts'
import { checkout, reply } from '../testing/samples.ts'

let ordering: TestService
const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

async function start(settings: Partial<typeof IMPATIENT> = {}): Promise<void> {
  const create = (outside: Outside, http: HttpPlace) =>
    createOrdering(outside, { gracePeriodMs: 0, ...IMPATIENT, ...settings }, http)
  ordering = await startTestService(create)
  closing.push(() => ordering.close())
}

/** Another part that reads its topics and commits, and never answers. */
function silentReader(group: 'catalog' | 'payment', topic: TopicName): void {
  const subscription = ordering.outside.binder.subscribe({
    group,
    topics: [topic],
    subscriber: {
      onAssigned() {},
      onRevoked() {},
      onRecords: ({ partition, endOffset }) => void subscription.commit([{ topic, partition, offset: endOffset }]),
    },
  })
  closing.push(() => subscription.close())
}

const of = (orderId: string, events: readonly ShopEvent[]) =>
  events.filter((e) => 'orderId' in e && e.orderId === orderId)
const published = async (topic: TopicName, orderId: string) => of(orderId, await ordering.published(topic))

async function statusOf(orderId: string): Promise<string | undefined> {
  const { body } = await ordering.call('GET', `/v1/orders/${orderId}`, { as: 'customer', sub: 'alice' })
  return body?.status
}
const reached = (orderId: string, status: string) =>
  eventually(async () => (await statusOf(orderId)) === status, { what: `${orderId} ${status}` })

async function confirmGrace(): Promise<void> {
  const openOutbox = async () => createOutbox('grace-period', ordering.outside.codec)
  const signal = new AbortController().signal
  await confirmGracePeriods({ database: ordering.database, openOutbox, executionId: newId(), signal })
}

async function placed(...replies: Reply['type'][]): Promise<string> {
  const event = checkout()
  await ordering.deliver(event)
  await reached(event.orderId, 'Submitted')
  for (const type of replies) {
    await ordering.deliver(reply(type, event.orderId))
    await reached(event.orderId, type === 'GracePeriodConfirmed' ? 'AwaitingValidation' : 'StockConfirmed')
  }
  return event.orderId
}

const metrics = async () => (await fetch(`${ordering.url}/metrics`)).text()
const stuck = async (query = '') => {
  const { body } = await ordering.call('GET', `/v1/orders/stuck?${query}`, { as: 'operator', sub: 'otto' })
  return body.items
}

test('an order whose catalog reads and never answers is asked again, the same each time, and then cancelled by TIMEOUT', async () => {
  await start()
  silentReader('catalog', 'orders-waiting-for-validation')
  const orderId = await placed('GracePeriodConfirmed')
  await reached(orderId, 'Cancelled')
  const asked = (await published('orders-waiting-for-validation', orderId)) as { attempt: number; eventId: string }[]
  expect(asked.map(({ attempt }) => attempt)).toEqual([1, 2, 3])
  expect(new Set(asked.map(({ eventId }) => eventId)).size).toBe(3)
  for (const again of asked)
    expect({ ...again, eventId: '', attempt: 0 }).toEqual({ ...asked[0], eventId: '', attempt: 0 })
  const [cancelled] = await published('cancelled-orders', orderId)
  expect(cancelled).toMatchObject({
    reason: 'TIMEOUT',
    previousStatus: 'AWAITING_VALIDATION',
    actorRole: 'system',
    version: 4,
  })
  const text = await metrics()
  expect(text).toContain('ordering_redrives_total{status="AwaitingValidation",by="reconciler"} 2')
  expect(text).toContain('ordering_timeouts_total{status="AwaitingValidation"} 1')
})

test('the same for a payment, whose token is sent again as long as the order stands', async () => {
  await start()
  silentReader('payment', 'stock-confirmed')
  const orderId = await placed('GracePeriodConfirmed', 'OrderStockConfirmed')
  await reached(orderId, 'Cancelled')
  expect(await published('stock-confirmed', orderId)).toMatchObject(
    [1, 2, 3].map((attempt) => ({ attempt, paymentToken: 'tok_visa' })),
  )
})

test('an answer to the question that was asked again moves the order on, once', async () => {
  await start({ timeoutRedrives: 100 })
  silentReader('catalog', 'orders-waiting-for-validation')
  const orderId = await placed('GracePeriodConfirmed')
  await eventually(async () => (await published('orders-waiting-for-validation', orderId)).length > 1)
  await ordering.deliver(reply('OrderStockConfirmed', orderId), reply('OrderStockConfirmed', orderId))
  await reached(orderId, 'StockConfirmed')
  expect(
    (await published('stock-confirmed', orderId)).filter((event) => 'attempt' in event && event.attempt === 1),
  ).toHaveLength(1)
})

test('while nobody reads, an order is neither asked again nor cancelled: it is stuck, loudly', async () => {
  await start()
  const orderId = await placed('GracePeriodConfirmed')
  await eventually(async () =>
    (await metrics()).includes('ordering_stuck_orders{status="AwaitingValidation",why="NOT_READ"} 1'),
  )
  // Ten times the patience of the reconciler.
  await eventually(async () => (await stuck()).some((one: { waitingSeconds: number }) => one.waitingSeconds >= 2))
  expect(await stuck()).toMatchObject([
    { orderId, waitsFor: 'catalog', why: 'NOT_READ', redrives: 0, lastRedriveAt: null },
  ])
  expect(await published('orders-waiting-for-validation', orderId)).toHaveLength(1)
  expect(await statusOf(orderId)).toBe('AwaitingValidation')
  silentReader('catalog', 'orders-waiting-for-validation')
  await reached(orderId, 'Cancelled')
  await eventually(async () => !(await metrics()).includes('ordering_stuck_orders{'))
})

test('a Submitted order whose confirmation was lost is confirmed anew, and never cancelled', async () => {
  await start({ timeoutRedrives: 1 })
  const orderId = await placed()
  const lost = async () => {
    const taken = await eventually(async () => {
      const rows = await ordering.database.transaction((tx) => takeGraceOver(tx, 10))
      return rows.length > 0 && rows
    })
    expect(taken.map((one) => one.orderId)).toEqual([orderId]) // marked as confirmed, and nothing sent
  }
  for (let times = 1; times <= 3; times++) await lost() // it comes back each time: its marker is cleared
  await eventually(async () => {
    await confirmGrace()
    return (await statusOf(orderId)) === 'AwaitingValidation'
  })
  expect(await published('grace-period-confirmed', orderId)).toHaveLength(1)
  const redrives = await ordering.database.query(
    'select redrive, by from order_redrives where order_id = $1 and version = 2',
    [orderId],
  )
  expect(redrives.slice(0, 3)).toEqual([1, 2, 3].map((redrive) => ({ redrive, by: 'reconciler' })))
})

test('a Submitted order that the task never comes to is named with that reason', async () => {
  await start()
  const orderId = await placed()
  await eventually(async () =>
    (await metrics()).includes('ordering_stuck_orders{status="Submitted",why="GRACE_TASK_SILENT"} 1'),
  )
  expect(await stuck()).toMatchObject([
    { orderId, status: 'Submitted', waitsFor: 'grace-period', why: 'GRACE_TASK_SILENT' },
  ])
})

test('an operator asks again at once; others may not, and there must be somebody to ask', async () => {
  await start({ redriveAfterMs: 60_000, stuckAfterMs: 60_000 })
  const orderId = await placed('GracePeriodConfirmed')
  const redrive = (id: string, as: 'operator' | 'customer' | 'support' = 'operator', sub = 'otto') =>
    ordering.call('POST', `/v1/orders/${id}/redrive`, { as, sub })
  expect((await redrive(orderId, 'customer', 'alice')).status).toBe(403)
  expect((await redrive(orderId, 'support')).status).toBe(403)
  expect(await redrive(newId())).toMatchObject({ status: 404 })
  expect(await redrive(orderId)).toMatchObject({
    status: 202,
    body: { orderId, status: 'AwaitingValidation', version: 3, redrives: 1 },
  })
  expect((await redrive(orderId)).body.redrives).toBe(2)
  await eventually(async () => (await published('orders-waiting-for-validation', orderId)).length === 3)
  expect(await ordering.database.query('select by, redrive from order_redrives order by redrive')).toEqual([
    { by: 'otto', redrive: 1 },
    { by: 'otto', redrive: 2 },
  ])
  expect(await stuck('overSeconds=0')).toMatchObject([{ orderId, redrives: 2 }])
  expect(await stuck()).toEqual([])

  const unconfirmed = await placed()
  expect(await redrive(unconfirmed)).toMatchObject({ status: 409, body: { code: 'GRACE_NOT_CONFIRMED' } })
  await ordering.call('POST', `/v1/orders/${orderId}/cancel`, { as: 'customer', sub: 'alice' })
  expect(await redrive(orderId)).toMatchObject({
    status: 409,
    body: { code: 'ORDER_WAITS_FOR_NOBODY', orderStatus: 'Cancelled' },
  })
})
