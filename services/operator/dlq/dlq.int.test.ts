import { afterAll, beforeAll, expect, test } from 'vitest'
import { service } from '#pipelines/http/service.ts'
import { newId } from '#pipelines/kernel/ids.ts'
import { deadLetter, done, type Handlers } from '#pipelines/stream/types.ts'
import { eventually } from '#pipelines/testing/eventually.ts'
import { startProcess } from '#pipelines/testing/process.ts'
import { startTestService, type TestService } from '#pipelines/testing/service.ts'
import { sensitive } from '#schemas/codec/sensitive.ts'

/** Payment, as far as an operator can tell, with a handler that is broken until it is mended. */
let shop: TestService
let token: string
let isMended = false
let effects = 0
beforeAll(async () => {
  const handles: Handlers<'payment'> = {
    'stock-confirmed': {
      async OrderStatusChangedToStockConfirmed() {
        if (!isMended) return deadLetter('a rule that is wrong')
        effects += 1
        return done
      },
    },
    'paid-orders': { OrderStatusChangedToPaid: async () => done },
    'cancelled-orders': { OrderStatusChangedToCancelled: async () => done },
  }
  shop = await startTestService((outside, http) =>
    service('payment', { outside, http, routes: [], handles, migrations: [] }),
  )
  token = await shop.issuer.token({ sub: 'otto', roles: ['operator'] })
})
afterAll(() => shop?.close())

async function dlq(...args: readonly string[]) {
  // Every service is this one, so each letter is there five times unless one service is asked for.
  const urls = Object.fromEntries(
    ['BASKET', 'CATALOG', 'ORDERING', 'PAYMENT', 'TASKS'].map((name) => [`${name}_URL`, shop.url]),
  )
  const running = startProcess(['bin/commands.ts', 'dlq', ...args], {
    env: { ...urls, ESHOP_TOKEN: token, NO_COLOR: '1' },
  })
  const { code } = await running.exited
  const output = running.output()
  return { code, output, json: () => JSON.parse(output) }
}

async function dead(count: number): Promise<string[]> {
  const events = Array.from({ length: count }, () => ({
    type: 'OrderStatusChangedToStockConfirmed' as const,
    eventId: newId(),
    occurredAt: 1,
    orderId: newId(),
    version: 4,
    customerId: 'c',
    placedAt: 1,
    totalMinor: 1_000,
    currency: 'EUR',
    paymentToken: sensitive('tok_secret'),
    attempt: 1,
  }))
  await shop.deliver(...events)
  const ids = events.map(({ eventId }) => eventId)
  const rows = await eventually(async () => {
    const found = await shop.database.query<{ id: string }>(
      'select id from dead_letters where event_id = any($1) order by id',
      [ids],
    )
    return found.length === count && found
  })
  return rows.map(({ id }) => id)
}

test('an operator lists, looks, replays after the fix and gives up, from the command line', async () => {
  const [first = '', second = '', third = ''] = await dead(3)
  const listed = await dlq('list', '--service', 'payment')
  expect(listed.code).toBe(0)
  for (const text of [first, second, third, 'stock-confirmed', 'REJECTED', 'a rule that is wrong'])
    expect(listed.output).toContain(text)
  expect((await dlq('list', '--json')).json().items).toHaveLength(15)
  expect((await dlq('list', '--topic', 'paid-orders')).output).toContain('no dead letters')

  const shown = await dlq('show', first)
  expect(shown.output).toContain('"paymentToken": "[sensitive]"')
  expect(shown.output).toMatch(/bytes +\d+ bytes, magic byte 0, schema id \d+/)
  expect(shown.output).not.toContain('tok_secret')

  const refused = await dlq('replay', first, '--service', 'payment')
  expect(refused).toMatchObject({ code: 1, output: expect.stringContaining('REFUSED') })
  isMended = true
  expect(await dlq('replay', first)).toMatchObject({ code: 0, output: expect.stringContaining('replayed basket') })
  expect(await dlq('replay', first)).toMatchObject({ code: 0, output: expect.stringContaining('unchanged') })
  expect(effects).toBe(1)

  expect(await dlq('discard', second)).toMatchObject({ code: 2, output: expect.stringContaining('--reason') })
  expect((await dlq('discard', second, '--reason', 'a test order', '--json')).json().items).toMatchObject([
    { ok: true, changed: true },
  ])
  expect((await dlq('show', second, '--json')).json()).toMatchObject({
    state: 'DISCARDED',
    actions: [{ action: 'DISCARD', by: 'otto', outcome: 'DONE', reason: 'a test order' }],
  })

  const all = await dlq('replay', '--all', '--service', 'payment', '--json')
  expect(all.json().items).toMatchObject([{ id: third, ok: true, changed: true }])
  expect(await dlq('replay', '--all', '--service', 'payment')).toMatchObject({
    code: 0,
    output: expect.stringContaining('nothing is open'),
  })
  expect(effects).toBe(2)
}, 120_000)

test('wrong use, a wrong token and an absent service are said plainly', async () => {
  expect(await dlq('replay')).toMatchObject({ code: 2, output: expect.stringContaining('--all') })
  expect(await dlq('show', 'x')).toMatchObject({ code: 2, output: expect.stringContaining('eshop dlq list') })
  expect(await dlq('show', newId())).toMatchObject({
    code: 2,
    output: expect.stringContaining('no service has a dead letter'),
  })
  const right = token
  token = await shop.issuer.token({ sub: 'carla', roles: ['customer'] })
  expect(await dlq('list')).toMatchObject({ code: 2, output: expect.stringContaining('needs the role operator') })
  token = right
}, 60_000)
