import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Outside } from '#pipelines/http/outside.ts'
import type { HttpPlace } from '#pipelines/http/service.ts'
import { newId } from '#pipelines/kernel/ids.ts'
import { eventually } from '#pipelines/testing/eventually.ts'
import { startBeside, startTestService, type TestService } from '#pipelines/testing/service.ts'
import { createPayment } from './app.ts'
import { simulatedProvider } from './provider/simulated.ts'
import { orderCancelled, orderPaid, stockConfirmed } from './testing/events.ts'

const SETTINGS = { chargeConcurrency: 8, providerTimeoutMs: 2_000, chargeRetryMs: 1, answerResendMs: 60_000 }

/** Payment with the simulated provider on the test's own database. */
function create(outside: Outside, http: HttpPlace) {
  const memory = { ...outside.database, close: async () => {} }
  return createPayment({ ...outside, provider: simulatedProvider(memory, { silenceMs: 10 }) }, SETTINGS, http)
}

let payment: TestService
beforeAll(async () => {
  payment = await startTestService(create)
})
afterAll(() => payment?.close())

const show = (orderId: string, as: 'customer' | 'support' | 'warehouse' = 'support', sub = 'staff') =>
  payment.call('GET', `/v1/payments/${orderId}`, { as, sub })
const settled = (orderId: string, status: string) =>
  eventually(async () => ((await show(orderId)).body?.status === status ? (await show(orderId)).body : undefined), {
    what: `payment ${orderId} ${status}`,
  })
const answersTo = async (orderId: string) =>
  (await payment.published('payment-status')).filter((event) => 'orderId' in event && event.orderId === orderId)

describe('payment, from topic to topic', () => {
  it('answers a request that is delivered again and again with one charge', async () => {
    const orderId = newId()
    const request = stockConfirmed({ orderId })
    await payment.deliver(request, request)
    await settled(orderId, 'SUCCEEDED')
    await payment.deliver(request)
    const marker = newId()
    await payment.deliver(stockConfirmed({ orderId: marker }))
    await settled(marker, 'SUCCEEDED')
    const [answer, ...more] = await eventually(async () => {
      const found = await answersTo(orderId)
      return found.length > 0 && found
    })
    expect(more).toEqual([])
    expect(answer).toMatchObject({ type: 'OrderPaymentSucceeded', orderId, orderVersion: 4, amountMinor: 4_599 })
  })

  it('tells a declined card, and refunds what was cancelled', async () => {
    const [declined, regretted] = [newId(), newId()]
    await payment.deliver(
      stockConfirmed({ orderId: declined, token: 'tok_declined' }),
      stockConfirmed({ orderId: regretted }),
    )
    await settled(declined, 'FAILED')
    await settled(regretted, 'SUCCEEDED')
    await payment.deliver(orderCancelled({ orderId: regretted, reason: 'STAFF' }))
    expect(await settled(regretted, 'REFUNDED')).toMatchObject({ refundReason: 'STAFF', refundId: expect.any(String) })
    await eventually(async () => (await answersTo(regretted)).length === 2)
    expect((await answersTo(regretted)).map(({ type }) => type)).toEqual([
      'OrderPaymentSucceeded',
      'OrderPaymentRefunded',
    ])
    expect((await answersTo(declined)).map(({ type }) => type)).toEqual(['OrderPaymentFailed'])
  })

  it('charges once beside a second instance, and goes on when one is closed', async () => {
    const other = await startBeside(payment, create)
    const orders = Array.from({ length: 30 }, () => newId())
    await payment.deliver(...orders.map((orderId) => stockConfirmed({ orderId })))
    await other.close()
    await payment.deliver(...orders.map((orderId) => stockConfirmed({ orderId })))
    for (const orderId of orders) await settled(orderId, 'SUCCEEDED')
    const charges = await payment.database.query(
      'select 1 from provider.charges where key = any($1) and captured_at is not null',
      [orders],
    )
    expect(charges).toHaveLength(orders.length)
  })

  it('takes note that ordering has the answer', async () => {
    const orderId = newId()
    await payment.deliver(stockConfirmed({ orderId }))
    await settled(orderId, 'SUCCEEDED')
    await payment.deliver(orderPaid({ orderId }))
    await eventually(async () => {
      const [row] = await payment.database.query('select 1 from payments where order_id = $1 and outcome_seen', [
        orderId,
      ])
      return row
    })
  })
})

describe('a payment', () => {
  it('is shown to its customer and to staff, to nobody else, and without its token', async () => {
    const orderId = newId()
    await payment.deliver(
      stockConfirmed({ orderId, customerId: 'alice', token: 'tok_slow', currency: 'JPY', totalMinor: 700 }),
    )
    const shown = await eventually(async () => (await show(orderId)).status === 200 && show(orderId))
    expect(shown.body).toMatchObject({
      status: 'CHARGING',
      amount: { amount: '700', currency: 'JPY' },
      customerId: 'alice',
    })
    expect(JSON.stringify(shown.body)).not.toContain('tok_')
    expect(await show(orderId, 'customer', 'alice')).toMatchObject({ status: 200 })
    expect(await show(orderId, 'customer', 'bob')).toMatchObject({ status: 404, body: { code: 'PAYMENT_UNKNOWN' } })
    expect(await show(orderId, 'warehouse')).toMatchObject({ status: 403 })
    expect(await payment.call('GET', `/v1/payments/${orderId}`)).toMatchObject({ status: 401 })
    expect(await show(newId())).toMatchObject({ status: 404 })
    expect(await show('1')).toMatchObject({ status: 400 })
  })
})

describe('the list of payments', () => {
  it('is for staff, newest first, page by page, by status and customer', async () => {
    const customerId = newId()
    const orders = Array.from({ length: 5 }, () => newId())
    await payment.deliver(...orders.map((orderId) => stockConfirmed({ orderId, customerId })))
    for (const orderId of orders) await settled(orderId, 'SUCCEEDED')
    const list = (query: string) => payment.call('GET', `/v1/payments?${query}`, { as: 'support' })
    const seen: string[] = []
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page = await list(`customerId=${customerId}&status=SUCCEEDED&limit=2${cursor && `&cursor=${cursor}`}`)
      expect(page.status).toBe(200)
      seen.push(...page.body.items.map((item: { orderId: string }) => item.orderId))
      cursor = page.body.nextCursor
    }
    expect(seen).toEqual(orders.toReversed())
    expect((await list(`customerId=${customerId}&status=FAILED`)).body).toEqual({ items: [], nextCursor: null })
    expect(await payment.call('GET', '/v1/payments', { as: 'customer' })).toMatchObject({ status: 403 })
  })

  it('refuses what it does not understand', async () => {
    for (const query of [
      'limit=0',
      'limit=101',
      'limit=x',
      'status=PAID',
      'cursor=%7B%7D',
      'cursor=Ilx1MDAwMCI',
      'sort=amount',
    ]) {
      const answer = await payment.call('GET', `/v1/payments?${query}`, { as: 'support' })
      expect.soft(answer.status, query).toBe(400)
    }
  })
})

describe('its metrics', () => {
  it('count calls to the provider and what is open', async () => {
    const response = await fetch(`${payment.url}/metrics`)
    const text = await response.text()
    expect(text).toMatch(/payment_provider_calls_total\{call="charge",outcome="captured"\} \d+/)
    expect(text).toMatch(/payment_open\{status="CHARGING"\} \d+/)
  })
})
