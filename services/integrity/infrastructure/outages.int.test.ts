import { expect, test } from 'vitest'
import { Unavailable } from '#pipelines/kernel/errors.ts'
import { pause } from '#pipelines/kernel/lifecycle.ts'
import { eventually } from '#pipelines/testing/eventually.ts'
import type { Registry, SchemaLookup } from '#schemas/codec/registry.ts'
import { eventSchemas } from '#schemas/generated/events.ts'
import { reply } from '#services/ordering/testing/samples.ts'
import { buy, reached } from '../testing/customers.ts'
import { SERVICES } from '../testing/shop.ts'
import { type BreakableShop, breakableShop } from './breakable-shop.ts'

test('the broker away: checkouts are accepted all the same, the outbox says how much waits, and it drains in order', async () => {
  await using rig = await breakableShop()
  const buyers = await rig.during(async ({ accepted }) => {
    rig.shop.broker.goAway()
    const so = accepted.length
    await eventually(() => accepted.length > so + 10)
    expect(await rig.metricOf('basket', 'outbox_unsent_events')).toBeGreaterThan(5)
    await eventually(async () => (await rig.metricOf('basket', 'outbox_oldest_event_age_seconds')) > 1)
    expect(await rig.metricOf('basket', 'outbox_send_failures_total')).toBeGreaterThan(0)
    rig.shop.broker.comeBack()
    await eventually(async () => (await rig.metricOf('basket', 'outbox_oldest_event_age_seconds')) < 1, {
      withinMs: 30_000,
    })
  })
  expect(buyers.told.filter(({ status }) => status === 503)).toEqual([])
  await rig.expectNothingLost(buyers)
})

test('each database away in turn: 503 with Retry-After or all is well, and nothing is lost', async () => {
  await using rig = await breakableShop()
  const buyers = await rig.during(async () => {
    for (const name of SERVICES) {
      await rig.way(name).cut()
      await pause(700)
      if (name === 'basket') {
        const answer = await rig.shop.call('basket', 'GET', '/v1/basket')
        expect({ status: answer.status, retryAfter: answer.headers.get('retry-after') }).toEqual({
          status: 503,
          retryAfter: '2',
        })
      }
      await rig.way(name).mend()
      await pause(300)
    }
  })
  expect(buyers.told.some(({ status }) => status === 503)).toBe(true)
  expect(await rig.metricOf('basket', 'http_requests_total', { status: '503' })).toBeGreaterThan(0)
  await rig.expectNothingLost(buyers)
})

test('deadlocks and serialization failures everywhere: tried again, never a 500, never a dead letter', async () => {
  await using rig = await breakableShop()
  for (const name of SERVICES) {
    await rig.shop.databases[name].query(`
      create function fail_sometimes() returns trigger language plpgsql as $$ begin
        if random() < 0.15 then raise exception 'made up' using errcode = '40001'; end if;
        if random() < 0.15 then raise exception 'made up' using errcode = '40P01'; end if;
        return new;
      end $$`)
    for (const table of ['outbox', 'inbox'])
      await rig.shop.databases[name].query(
        `create trigger fails before insert on ${table} for each row execute function fail_sometimes()`,
      )
  }
  const buyers = await rig.during(async ({ accepted }) => {
    const so = accepted.length
    await eventually(() => accepted.length > so + 15, { withinMs: 30_000 })
  })
  for (const name of SERVICES)
    for (const table of ['outbox', 'inbox']) await rig.shop.databases[name].query(`drop trigger fails on ${table}`)
  const conflicts = await Promise.all(SERVICES.map((name) => rig.metricOf(name, 'database_conflicts_total')))
  expect(Math.max(...conflicts)).toBeGreaterThan(0)
  await rig.expectNothingLost(buyers)
})

test('the registry away: a record of a version not seen before waits for it, and nobody else does', async () => {
  let isAway = false
  await using rig = await breakableShop({
    lookup: (registry) => ({
      find: (subject, schema) => registry.find(subject, schema),
      async schemaOf(id) {
        if (isAway) throw new Unavailable('REGISTRY_AWAY', 'the registry was told to be away')
        return registry.schemaOf(id)
      },
    }),
  })
  const { orderId } = await buy(rig.shop, rig.product)
  await reached(rig.shop, orderId, 'Paid')
  // A newer producer's version: the same fields, another text, and so another id.
  const schema = JSON.parse(eventSchemas.OrderStockConfirmed.schema) as { doc: string }
  const newer = await rig.shop.registry.register(
    'order-stock-statuses-newer',
    JSON.stringify({ ...schema, doc: 'a newer version' }),
  )
  const event = reply('OrderStockConfirmed', orderId)
  const value = rig.shop.codec.encode(event)
  value.writeInt32BE(newer.id, 1)
  isAway = true
  rig.shop.produceRaw('order-stock-statuses', orderId, value)
  // Orders of the same partition and of all others go on meanwhile.
  const others = [await buy(rig.shop, rig.product), await buy(rig.shop, rig.product), await buy(rig.shop, rig.product)]
  for (const other of others) await reached(rig.shop, other.orderId, 'Paid', 20_000)
  const isHandled = async () =>
    (await rig.shop.databases.ordering.query('select 1 from inbox where event_id = $1', [event.eventId])).length === 1
  expect(await isHandled()).toBe(false)
  expect(await rig.shop.databases.ordering.query('select 1 from dead_letters')).toEqual([])
  isAway = false
  await eventually(isHandled, { withinMs: 15_000 })
})

/** A paid order, and a repeated answer to it under an id whose first look-up gets a wrong answer. */
async function afterWrongAnswer(rig: BreakableShop, wrongly: (id: number) => void) {
  const { orderId } = await buy(rig.shop, rig.product)
  await reached(rig.shop, orderId, 'Paid')
  const schema = JSON.parse(eventSchemas.OrderPaymentSucceeded.schema) as { doc: string }
  const newer = await rig.shop.registry.register('payment-status-newer', JSON.stringify({ ...schema, doc: 'newer' }))
  wrongly(newer.id)
  const produce = () => {
    const event = reply('OrderPaymentSucceeded', orderId)
    const value = rig.shop.codec.encode(event)
    value.writeInt32BE(newer.id, 1)
    rig.shop.produceRaw('payment-status', orderId, value, { ce_type: event.type })
    return async () => {
      const [row] = await rig.shop.databases.ordering.query<{ state: string }>(
        'select state from inbox where event_id = $1',
        [event.eventId],
      )
      return row?.state === 'DONE'
    }
  }
  return { isHandled: produce(), produce }
}

/** A registry that is wrong about one id, once. */
function wrongOnce(wrong: string | undefined) {
  let wrongId: number | undefined
  return {
    wrongly(id: number) {
      wrongId = id
    },
    lookup: (registry: Registry): SchemaLookup => ({
      find: (subject, schema) => registry.find(subject, schema),
      async schemaOf(id) {
        if (id !== wrongId) return registry.schemaOf(id)
        wrongId = undefined
        return wrong
      },
    }),
  }
}

test.each([
  ['knows nothing of a schema', undefined],
  ['gives the schema of a stranger', JSON.stringify({ type: 'record', name: 'eshop.Stranger', fields: [] })],
])(
  'the registry %s for a moment: the record is tried again, neither passed over nor put aside',
  async (_what, wrong) => {
    const { lookup, wrongly } = wrongOnce(wrong)
    await using rig = await breakableShop({ lookup })
    const { isHandled } = await afterWrongAnswer(rig, wrongly)
    await eventually(isHandled)
    expect(await rig.shop.databases.ordering.query('select code from dead_letters')).toEqual([])
  },
)

test("the registry gives another event's schema: what cannot be read is put aside with its bytes, and what comes next is read", async () => {
  const { lookup, wrongly } = wrongOnce(eventSchemas.GracePeriodConfirmed.schema)
  await using rig = await breakableShop({ lookup })
  const { produce } = await afterWrongAnswer(rig, wrongly)
  const dead = () => rig.shop.databases.ordering.query<{ code: string }>('select code from dead_letters')
  await eventually(async () => (await dead()).length === 1)
  expect((await dead())[0]?.code).toMatch(/^EVENT_/)
  await eventually(produce()) // the wrong answer was not kept: nothing had proven it
})
