import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newId } from '#pipelines/kernel/ids.ts'
import { type OrderingRig, orderingRig } from '../testing/rig.ts'
import { checkout, item, PLACED_AT, reply } from '../testing/samples.ts'

const TO_PAID = ['GracePeriodConfirmed', 'OrderStockConfirmed', 'OrderPaymentSucceeded'] as const

let rig: OrderingRig

beforeAll(async () => {
  rig = await orderingRig()
})
afterAll(() => rig.close())

describe('reading', () => {
  test('a customer sees their own order with lines, totals and timeline', async () => {
    const event = checkout({ items: [item({ unitPriceMinor: 1_250, quantity: 2 })] })
    const orderId = await rig.placed(TO_PAID, event)
    const { status, body, headers } = await rig.call('GET', `/v1/orders/${orderId}`)
    expect(status).toBe(200)
    expect(headers.etag).toBe('"5"')
    expect(body).toMatchObject({
      orderId,
      status: 'Paid',
      version: 5,
      placedAt: new Date(PLACED_AT).toISOString(),
      total: { amount: '25.00', currency: 'EUR' },
      itemCount: 1,
      unitCount: 2,
      items: [{ lineNo: 1, quantity: 2, unitPrice: { amount: '12.50' }, lineTotal: { amount: '25.00' } }],
      address: { street: 'Canary Lane 1', country: 'NL', state: null },
    })
    expect(
      body.timeline.map((entry: { status: string; version: number }) => `${entry.version} ${entry.status}`),
    ).toEqual(['2 Submitted', '3 AwaitingValidation', '4 StockConfirmed', '5 Paid'])
    expect(JSON.stringify(body)).not.toContain('tok_')
  })

  test.each([
    ['alice', 'customer', 200, true],
    ['bob', 'customer', 404, false],
    ['bob', 'support', 200, false],
    ['bob', 'operator', 200, false],
    ['bob', 'warehouse', 200, true],
    ['bob', 'admin', 200, true],
    ['bob', 'analyst', 403, false],
    ['alice', 'catalog-admin', 403, false],
  ] as const)('%s as %s is answered %i, with the address: %s', async (as, role, status, withAddress) => {
    const orderId = await rig.placed()
    const answer = await rig.call('GET', `/v1/orders/${orderId}`, { as, role })
    expect(answer.status).toBe(status)
    expect(answer.text.includes('Canary Lane')).toBe(withAddress)
  })

  test('an order that does not exist and one of somebody else are answered alike', async () => {
    const orderId = await rig.placed()
    const strange = await rig.call('GET', `/v1/orders/${orderId}`, { as: 'bob' })
    const missing = await rig.call('GET', `/v1/orders/${newId()}`, { as: 'bob' })
    const { instance: _a, ...first } = strange.body
    const { instance: _b, ...second } = missing.body
    expect(first).toEqual(second)
  })

  test('an id that is no UUID is a bad request', async () => {
    expect((await rig.call('GET', '/v1/orders/42')).status).toBe(400)
  })

  test('who has the version already is answered 304', async () => {
    const orderId = await rig.placed()
    const { status } = await rig.call('GET', `/v1/orders/${orderId}`, { headers: { 'if-none-match': '"2"' } })
    expect(status).toBe(304)
  })

  test('a list shows customers their own and staff all, without addresses', async () => {
    const mine = await rig.placed([], checkout({ customerId: 'lister' }))
    const other = await rig.placed([], checkout({ customerId: 'other-lister' }))
    const ids = async (options: Parameters<typeof rig.call>[2]) =>
      (await rig.call('GET', '/v1/orders', options)).body.items.map(({ orderId }: { orderId: string }) => orderId)
    expect(await ids({ as: 'lister' })).toEqual([mine])
    expect(await ids({ as: 'other-lister' })).toEqual([other])
    expect(await ids({ role: 'support' })).toEqual(expect.arrayContaining([mine, other]))
    expect((await rig.call('GET', '/v1/orders', { role: 'admin' })).text).not.toMatch(/Canary|tok_/)
  })

  test('a list is filtered by status and time and cut into pages', async () => {
    const ids: string[] = []
    for (let hour = 0; hour < 5; hour++)
      ids.push(
        await rig.placed(
          hour === 4 ? TO_PAID : [],
          checkout({ customerId: 'pager', occurredAt: PLACED_AT + hour * 3_600_000 }),
        ),
      )
    const list = async (query: string) => (await rig.call('GET', `/v1/orders?${query}`, { as: 'pager' })).body
    expect((await list('status=Paid')).items).toMatchObject([{ orderId: ids[4], status: 'Paid' }])
    const from = new Date(PLACED_AT + 3_600_000).toISOString()
    const to = new Date(PLACED_AT + 3 * 3_600_000).toISOString()
    expect((await list(`from=${from}&to=${to}`)).items).toMatchObject([{ orderId: ids[2] }, { orderId: ids[1] }])
    const seen: string[] = []
    for (let cursor = ''; ; ) {
      const page = await list(`limit=2${cursor}`)
      seen.push(...page.items.map(({ orderId }: { orderId: string }) => orderId))
      if (page.nextCursor === null) break
      cursor = `&cursor=${page.nextCursor}`
    }
    expect(seen).toEqual(ids.toReversed())
  })

  test.each(['limit=0', 'limit=101', 'status=Lost', 'from=yesterday', 'cursor=abc', 'owner=bob'])(
    'a list with %s is a bad request',
    async (query) => {
      expect((await rig.call('GET', `/v1/orders?${query}`)).status).toBe(400)
    },
  )
})

describe('cancelling', () => {
  test.each([
    ['Submitted', [], 'SUBMITTED'],
    ['AwaitingValidation', TO_PAID.slice(0, 1), 'AWAITING_VALIDATION'],
    ['StockConfirmed', TO_PAID.slice(0, 2), 'STOCK_CONFIRMED'],
  ] as const)('a %s order is cancelled and said to be', async (_status, replies, previousStatus) => {
    const orderId = await rig.placed(replies)
    const { status, body, headers } = await rig.call('POST', `/v1/orders/${orderId}/cancel`)
    expect(status).toBe(200)
    expect(body).toMatchObject({ status: 'Cancelled' })
    expect(headers.etag).toBe(`"${body.version}"`)
    expect(body.timeline.at(-1)).toMatchObject({ status: 'Cancelled', reason: 'CUSTOMER', actorRole: 'customer' })
    const last = (await rig.published(orderId)).at(-1)
    expect(last).toMatchObject({ type: 'OrderStatusChangedToCancelled', previousStatus, version: body.version })
  })

  test.each([
    ['Paid', TO_PAID],
    ['Cancelled', ['GracePeriodConfirmed', 'OrderStockRejected']],
  ] as const)('a %s order cannot be cancelled: 409, and nothing changes', async (current, replies) => {
    const orderId = await rig.placed(replies)
    const before = await rig.types(orderId)
    const { status, body } = await rig.call('POST', `/v1/orders/${orderId}/cancel`)
    expect(status).toBe(409)
    expect(body).toMatchObject({ code: 'ORDER_STATUS', status: 409, orderStatus: current })
    expect(body.detail).toContain(current)
    expect(await rig.types(orderId)).toEqual(before)
  })

  test.each([
    ['bob', 'customer', 404, undefined],
    ['bob', 'warehouse', 403, undefined],
    ['bob', 'operator', 403, undefined],
    ['bob', 'support', 200, 'STAFF'],
    ['bob', 'admin', 200, 'STAFF'],
    ['alice', 'customer', 200, 'CUSTOMER'],
  ] as const)('%s as %s is answered %i', async (as, role, status, reason) => {
    const orderId = await rig.placed()
    expect((await rig.call('POST', `/v1/orders/${orderId}/cancel`, { as, role })).status).toBe(status)
    const last = (await rig.published(orderId)).at(-1)
    if (reason) expect(last).toMatchObject({ reason, actorRole: role })
    else expect(last?.type).toBe('OrderStatusChangedToSubmitted')
  })

  test('an order that changed since it was seen is not cancelled', async () => {
    const orderId = await rig.placed(TO_PAID.slice(0, 1))
    const cancel = (tag: string) => rig.call('POST', `/v1/orders/${orderId}/cancel`, { headers: { 'if-match': tag } })
    expect((await cancel('"2"')).status).toBe(412)
    expect((await cancel('"3"')).status).toBe(200)
  })

  test('a body with anything in it is a bad request', async () => {
    const orderId = await rig.placed()
    expect((await rig.call('POST', `/v1/orders/${orderId}/cancel`, { body: { reason: 'x' } })).status).toBe(400)
    expect((await rig.call('POST', `/v1/orders/${orderId}/cancel`, { body: {} })).status).toBe(200)
  })

  test('of many cancellations at once one succeeds', async () => {
    const orderId = await rig.placed()
    const answers = await Promise.all(Array.from({ length: 6 }, () => rig.call('POST', `/v1/orders/${orderId}/cancel`)))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409, 409, 409])
  })
})

describe('shipping', () => {
  test('warehouse staff ship a paid order, once', async () => {
    const orderId = await rig.placed(TO_PAID)
    const ship = (body?: unknown) =>
      rig.call('POST', `/v1/orders/${orderId}/ship`, { role: 'warehouse', as: 'will', body })
    const { status, body } = await ship({ carrier: 'DHL', trackingNumber: 'JD014' })
    expect(status).toBe(200)
    expect(body.timeline.at(-1)).toMatchObject({ status: 'Shipped', carrier: 'DHL', trackingNumber: 'JD014' })
    expect((await rig.published(orderId)).at(-1)).toMatchObject({
      type: 'OrderStatusChangedToShipped',
      carrier: 'DHL',
      trackingNumber: 'JD014',
      version: 6,
    })
    expect((await ship()).status).toBe(409)
  })

  test('carrier and tracking number may be left out', async () => {
    const orderId = await rig.placed(TO_PAID)
    const { status, body } = await rig.call('POST', `/v1/orders/${orderId}/ship`, { role: 'admin' })
    expect(status).toBe(200)
    expect(body.timeline.at(-1)).not.toHaveProperty('carrier')
  })

  test.each([
    [[]],
    [TO_PAID.slice(0, 1)],
    [TO_PAID.slice(0, 2)],
    [['GracePeriodConfirmed', 'OrderStockRejected'] as const],
  ])('an order after %j cannot be shipped', async (replies) => {
    const orderId = await rig.placed(replies)
    expect((await rig.call('POST', `/v1/orders/${orderId}/ship`, { role: 'warehouse' })).status).toBe(409)
  })

  test('customers and support do not ship', async () => {
    const orderId = await rig.placed(TO_PAID)
    for (const role of ['customer', 'support', 'operator'] as const)
      expect((await rig.call('POST', `/v1/orders/${orderId}/ship`, { role })).status).toBe(403)
  })

  test.each([{ carrier: '' }, { carrier: 7 }, { carrier: null }, { trackingNumber: 'a\nb' }, { price: 1 }])(
    'a shipment %j is a bad request',
    async (body) => {
      const orderId = await rig.placed(TO_PAID)
      expect((await rig.call('POST', `/v1/orders/${orderId}/ship`, { role: 'warehouse', body })).status).toBe(400)
      expect(await rig.deliver(reply('OrderPaymentRefunded', orderId))).toMatchObject({ outcome: 'dead-letter' })
    },
  )
})
