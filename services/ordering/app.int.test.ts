import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Outside } from '#pipelines/http/outside.ts'
import type { HttpPlace } from '#pipelines/http/service.ts'
import { newId } from '#pipelines/kernel/ids.ts'
import { createOutbox } from '#pipelines/outbox/outbox.ts'
import { eventually } from '#pipelines/testing/eventually.ts'
import { startBeside, startTestService, type TestService } from '#pipelines/testing/service.ts'
import type { ShopEvent } from '#schemas/generated/events.ts'
import { createOrdering } from './app.ts'
import type { Reply } from './domain/inputs.ts'
import { confirmGracePeriods } from './grace-period/confirm.ts'
import { PATIENT } from './testing/patience.ts'
import { checkout, item, reply } from './testing/samples.ts'

const create = (outside: Outside, http: HttpPlace) => createOrdering(outside, { gracePeriodMs: 0, ...PATIENT }, http)

let ordering: TestService
beforeAll(async () => {
  ordering = await startTestService(create)
})
afterAll(() => ordering?.close())

const show = (orderId: string) => ordering.call('GET', `/v1/orders/${orderId}`, { as: 'customer', sub: 'alice' })

const reached = (orderId: string, status: string) =>
  eventually(
    async () => {
      const { body } = await show(orderId)
      return body?.status === status ? body : undefined
    },
    { what: `order ${orderId} ${status}` },
  )

async function confirmGrace() {
  const openOutbox = async () => createOutbox('grace-period', ordering.outside.codec)
  const signal = new AbortController().signal
  return confirmGracePeriods({ database: ordering.database, openOutbox, executionId: newId(), signal })
}

const LATER = ['OrderStockConfirmed', 'OrderPaymentSucceeded'] as const

async function toPaid(orderId: string, then: readonly Reply['type'][] = LATER) {
  await reached(orderId, 'AwaitingValidation')
  for (const type of then) {
    await ordering.deliver(reply(type, orderId))
    await reached(orderId, type === 'OrderStockConfirmed' ? 'StockConfirmed' : 'Paid')
  }
}

describe('ordering, from topic to topic', () => {
  test('takes a checkout to Paid, with the grace period’s confirmation sent by its own relay', async () => {
    const event = checkout()
    await ordering.deliver(event)
    await reached(event.orderId, 'Submitted')
    await confirmGrace()
    await toPaid(event.orderId)
    const paid = await eventually(async () =>
      (await ordering.published('paid-orders')).find((one) => 'orderId' in one && one.orderId === event.orderId),
    )
    expect(paid).toMatchObject({ type: 'OrderStatusChangedToPaid', version: 5, totalMinor: event.totalMinor })
    const confirmed = (await ordering.published('grace-period-confirmed')).filter(
      (one) => 'orderId' in one && one.orderId === event.orderId,
    )
    expect(confirmed).toHaveLength(1)
  })

  test('a reply to an order that it does not know is dead-lettered in the end, and the partition goes on', async () => {
    const [unknown, known] = [newId(), checkout()]
    await ordering.deliver(reply('OrderStockConfirmed', unknown), known)
    await reached(known.orderId, 'Submitted')
    const letter = await eventually(
      async () => {
        const answer = await ordering.call('GET', '/v1/dead-letters', { as: 'operator', sub: 'otto' })
        return answer.body.items.find((one: { key?: string }) => one.key === unknown)
      },
      { withinMs: 60_000 },
    )
    expect(letter).toBeDefined()
  })

  test('two instances share the work, and one that leaves loses nothing', async () => {
    const other = await startBeside(ordering, create)
    const events = Array.from({ length: 40 }, () => checkout({ items: [item()] }))
    await ordering.deliver(...events)
    await other.close()
    for (const { orderId } of events) await reached(orderId, 'Submitted')
    const started = (await ordering.published('orders')).map((event) => 'orderId' in event && event.orderId)
    for (const { orderId } of events) expect(started.filter((id) => id === orderId)).toHaveLength(1)
  })
})

describe('its metrics', () => {
  test('count the orders that wait, by status', async () => {
    const event = checkout()
    await ordering.deliver(event)
    await reached(event.orderId, 'Submitted')
    const text = await (await fetch(`${ordering.url}/metrics`)).text()
    expect(text).toMatch(/ordering_open\{status="Submitted"\} [1-9]/)
    expect(text).toMatch(/ordering_open_oldest_seconds\{status="Submitted"\} \d/)
    expect(text).toMatch(/ordering_open\{status="StockConfirmed"\} 0/)
  })
})

describe('everything delivered once more to an empty inbox', () => {
  const state = async () => {
    const tables = ['orders', 'order_items', 'order_steps']
    return Promise.all(tables.map((table) => ordering.database.query(`select * from ${table} order by 1, 2, 3`)))
  }

  test('changes no order, and answers what others may have missed', async () => {
    const [paid, cancelled, waiting] = [checkout(), checkout(), checkout()]
    await ordering.deliver(paid, cancelled, waiting)
    for (const { orderId } of [paid, cancelled, waiting]) await reached(orderId, 'Submitted')
    await confirmGrace()
    await toPaid(paid.orderId)
    await reached(cancelled.orderId, 'AwaitingValidation')
    await ordering.deliver(reply('OrderStockRejected', cancelled.orderId))
    await reached(cancelled.orderId, 'Cancelled')
    await reached(waiting.orderId, 'AwaitingValidation')
    const before = await state()
    const paidBefore = (await ordering.published('paid-orders')).length
    const startedBefore = (await ordering.published('orders')).length

    await ordering.database.query('truncate inbox')
    const again: ShopEvent[] = [
      paid,
      cancelled,
      waiting,
      ...(['GracePeriodConfirmed', ...LATER] as const).map((type) => reply(type, paid.orderId)),
      reply('OrderStockRejected', cancelled.orderId),
      reply('GracePeriodConfirmed', waiting.orderId),
    ]
    await ordering.deliver(...again)
    await eventually(async () => (await ordering.published('orders')).length === startedBefore + 3)
    await eventually(async () => (await ordering.published('paid-orders')).length === paidBefore + 2)
    const marker = checkout()
    await ordering.deliver(marker)
    await reached(marker.orderId, 'Submitted')
    const [orders, items, steps] = await state()
    const others = (rows: readonly Record<string, unknown>[] | undefined) =>
      rows?.filter((row) => row.order_id !== marker.orderId)
    expect([others(orders), others(items), others(steps)]).toEqual(before)
  })
})
