import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { newId } from '#pipelines/kernel/ids.ts'
import { deadLetter, done, type Handlers } from '#pipelines/stream/types.ts'
import { eventually } from '#pipelines/testing/eventually.ts'
import { type CallOptions, startTestService, type TestService } from '#pipelines/testing/service.ts'
import { sensitive } from '#schemas/codec/sensitive.ts'
import type { OrderStatusChangedToStockConfirmed } from '#schemas/generated/events.ts'
import { service } from '../service.ts'

/** A payment service whose handler has a bug, until it is mended. */
let shop: TestService
let state: 'mended' | 'refusing' | 'broken'
let effects: string[] = []
beforeEach(async () => {
  state = 'refusing'
  effects = []
  const handles: Handlers<'payment'> = {
    'stock-confirmed': {
      async OrderStatusChangedToStockConfirmed({ orderId, paymentToken }, { afterCommit }) {
        if (state === 'refusing') return deadLetter('not now')
        if (state === 'broken')
          throw new TypeError(`cannot read property x of ${String(paymentToken)} 4111 1111 1111 1111`)
        afterCommit(() => effects.push(orderId))
        return done
      },
    },
    'paid-orders': { OrderStatusChangedToPaid: async () => done },
    'cancelled-orders': { OrderStatusChangedToCancelled: async () => done },
  }
  shop = await startTestService((outside, http) =>
    service('payment', { outside, http, routes: [], handles, migrations: [] }),
  )
})
afterEach(() => shop.close())

const operator: CallOptions = { as: 'operator', sub: 'otto' }

function question(over: Partial<OrderStatusChangedToStockConfirmed> = {}): OrderStatusChangedToStockConfirmed {
  return {
    type: 'OrderStatusChangedToStockConfirmed',
    eventId: newId(),
    occurredAt: 1,
    orderId: newId(),
    version: 4,
    customerId: 'card 4111111111111111',
    placedAt: 1,
    totalMinor: 1_000,
    currency: 'EUR',
    paymentToken: sensitive('tok_secret'),
    attempt: 1,
    ...over,
  }
}

async function list(query = '') {
  return (await shop.call('GET', `/v1/dead-letters?${query}`, operator)).body
}

async function dead(event = question()) {
  await shop.deliver(event)
  const letter = await eventually(
    async () => (await list('limit=100')).items.find(({ eventId }: { eventId: string }) => eventId === event.eventId),
    { withinMs: 30_000 },
  )
  return { ...letter, path: `/v1/dead-letters/${letter.id}` }
}

describe('an operator', () => {
  test('sees what is dead and why, with nothing sensitive in it', async () => {
    state = 'broken'
    const event = question()
    const { path } = await dead(event)
    const { body } = await shop.call('GET', path, operator)
    expect(body).toMatchObject({
      topic: 'stock-confirmed',
      key: event.orderId,
      eventType: event.type,
      state: 'OPEN',
      code: 'UNKNOWN_ERROR',
      attempts: 5,
      event: { orderId: event.orderId, paymentToken: '[sensitive]', totalMinor: 1_000, customerId: 'card [card]' },
      headers: { ce_id: event.eventId, ce_source: 'ordering' },
      bytes: {
        magicByte: 0,
        schemaId: expect.any(Number),
        length: expect.any(Number),
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
      decodeError: null,
      actions: [],
    })
    expect(body.stack).toContain('TypeError')
    expect(JSON.stringify([body, await list()])).not.toMatch(/tok_secret|4111/)
    expect((await shop.call('GET', '/metrics')).body).toContain('stream_open_dead_letters{topic="stock-confirmed"} 1')
  })

  test('replays it after the fix: its effect comes once, however often it is asked', async () => {
    state = 'broken'
    const event = question()
    const { path, id } = await dead(event)
    expect(await shop.call('POST', `${path}/replay`, operator)).toMatchObject({
      status: 409,
      body: { code: 'REPLAY_REFUSED', reasonCode: 'UNKNOWN_ERROR', detail: expect.stringContaining('stays as it is') },
    })
    state = 'mended'
    const answers = await Promise.all([1, 2, 3].map(() => shop.call('POST', `${path}/replay`, operator)))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
    expect(answers.filter(({ body }) => body.changed)).toHaveLength(1)
    expect(answers[0]?.body).toMatchObject({ id, state: 'REPLAYED' })
    await shop.deliver(event) // the broker may repeat it, too
    const marker = question()
    await shop.deliver(marker)
    await eventually(() => effects.includes(marker.orderId))
    expect(effects).toEqual([event.orderId, marker.orderId])
    expect((await list('state=OPEN')).items).toEqual([])
    const { actions } = (await shop.call('GET', path, operator)).body
    expect(actions.map(({ outcome }: { outcome: string }) => outcome).sort()).toEqual([
      'DONE',
      'FAILED',
      'UNCHANGED',
      'UNCHANGED',
    ])
    expect(actions[0]).toMatchObject({ by: 'otto', action: 'REPLAY', outcome: 'FAILED' })
    expect(await shop.published('stock-confirmed')).toHaveLength(3) // ours; a replay adds none
  })

  test('gives it up, for a reason', async () => {
    const { path } = await dead()
    for (const body of [{}, { reason: '' }, { reason: '   ' }, { reason: 'x'.repeat(501) }, { reason: 'ok', more: 1 }])
      expect((await shop.call('POST', `${path}/discard`, { ...operator, body })).status).toBe(400)
    const discard = { ...operator, body: { reason: 'a test order' } }
    expect((await shop.call('POST', `${path}/discard`, discard)).body).toMatchObject({
      state: 'DISCARDED',
      changed: true,
    })
    expect((await shop.call('POST', `${path}/discard`, discard)).body).toMatchObject({ changed: false })
    state = 'mended'
    expect(await shop.call('POST', `${path}/replay`, operator)).toMatchObject({
      status: 409,
      body: { code: 'DEAD_LETTER_ENDED', state: 'DISCARDED' },
    })
    expect(effects).toEqual([])
  })

  test('pages and filters', async () => {
    const letters = [await dead(), await dead(), await dead()]
    const first = await list('limit=2')
    expect(first.items.map(({ id }: { id: string }) => id)).toEqual([letters[2]?.id, letters[1]?.id])
    const second = await list(`limit=2&cursor=${first.nextCursor}`)
    expect(second).toMatchObject({ items: [{ id: letters[0]?.id }], nextCursor: null })
    expect((await list('topic=paid-orders')).items).toEqual([])
    expect((await list('code=REJECTED&topic=stock-confirmed&state=OPEN')).items).toHaveLength(3)
    expect((await shop.call('GET', '/v1/dead-letters?state=GONE', operator)).status).toBe(400)
  })
})

test('nobody else may see or do anything', async () => {
  const { path } = await dead()
  state = 'mended'
  const calls = [
    ['GET', '/v1/dead-letters'],
    ['GET', path],
    ['POST', `${path}/replay`],
    ['POST', `${path}/discard`, { reason: 'r' }],
  ] as const
  for (const [method, url, body] of calls) {
    const options = body ? { body } : {}
    expect((await shop.call(method, url, options)).status).toBe(401)
    for (const as of ['customer', 'support', 'warehouse', 'catalog-admin', 'analyst'] as const)
      expect({ as, url, status: (await shop.call(method, url, { as, ...options })).status }).toEqual({
        as,
        url,
        status: 403,
      })
  }
  expect(effects).toEqual([])
  const unknown = `/v1/dead-letters/${newId()}`
  for (const [method, url] of [
    ['GET', unknown],
    ['POST', `${unknown}/replay`],
    ['POST', `${unknown}/discard`],
  ] as const) {
    const body = url.endsWith('discard') ? { body: { reason: 'r' } } : {}
    expect((await shop.call(method, url, { ...operator, ...body })).status).toBe(404)
  }
})
