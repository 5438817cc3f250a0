import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { newId } from '#pipelines/kernel/ids.ts'
import { silentLog } from '#pipelines/kernel/log.ts'
import { readSettings } from '#pipelines/local/settings.ts'
import { environmentOf } from '#pipelines/local/shop-environment.ts'
import { recordHeaders, storedHeaders } from '#pipelines/outbox/headers.ts'
import { kafkajsBinder } from '#pipelines/stream/binders/kafkajs/binder.ts'
import { sendThrough } from '#pipelines/stream/partitioner.ts'
import { eventually } from '#pipelines/testing/eventually.ts'
import { createCodec } from '#schemas/codec/codec.ts'
import { eshop } from '../harness/eshop.ts'
import { aCustomer, aProduct, order, orderIn, testShop } from '../harness/test-shop.ts'

/** The three ways to start the grace-period task, each from outside, on the running shop. */
const shop = testShop()
const settings = readSettings({ ...process.env, ...inject('shop').env })
const tasks = `http://127.0.0.1:${settings.ports.tasks}`

interface Listed {
  readonly items: readonly {
    readonly executionId: string
    readonly status: string
    readonly trigger: string
    readonly startedAt: string
  }[]
}

const operator = <T>(method: 'GET' | 'POST', path: string) =>
  shop.as<T>('e2e-operator', 'operator', { method, url: `${tasks}${path}` })
const statusOf = async (orderId: string) => (await shop.order(orderId)).body.status

async function submitted(): Promise<string> {
  const orderId = await order(shop, aCustomer(), { product: await aProduct(shop, { stock: 5 }) })
  await orderIn(shop, orderId, 'Submitted')
  return orderId
}

/** Its grace period is over by the database's clock, and nobody has told it so. */
async function overdue(): Promise<string> {
  const orderId = await submitted()
  const { placedAt } = (await shop.order(orderId)).body as unknown as { placedAt: string }
  await eventually(() => Date.now() > Date.parse(placedAt) + 5_000, { withinMs: 20_000 })
  expect(await statusOf(orderId)).toBe('Submitted')
  return orderId
}

beforeAll(async () => {
  expect((await operator('POST', '/v1/schedules/grace-period/pause?reason=e2e')).status).toBe(200)
})
afterAll(async () => {
  await operator('POST', '/v1/schedules/grace-period/resume?reason=e2e')
})

test('by any cron, as one command', async () => {
  const orderId = await overdue()
  const run = eshop('task', 'run', 'grace-period', '--json')
  expect(await run.exited).toEqual({ code: 0, signal: null })
  const finished = JSON.parse(run.output().trim().split('\n').at(-1) ?? '')
  expect(finished.status).toBe('SUCCEEDED')
  expect(finished.result.confirmed).toBeGreaterThanOrEqual(1)
  await orderIn(shop, orderId, 'Paid')
})

test('by an event: the same request twice runs once', async () => {
  const orderId = await overdue()
  const { KAFKA_BROKERS, REGISTRY_URL } = environmentOf(settings).common
  const codec = createCodec({ registryUrl: REGISTRY_URL })
  await codec.prepare(['TaskLaunchRequested'])
  const binder = kafkajsBinder({ brokers: KAFKA_BROKERS, clientId: 'e2e', log: silentLog })
  const requestId = newId()
  const record = (eventId: string) => ({
    topic: 'task-launches',
    key: 'grace-period',
    value: codec.encode({
      type: 'TaskLaunchRequested',
      ...{ eventId, occurredAt: Date.now(), requestId, taskName: 'grace-period', arguments: '{}', requestedBy: 'e2e' },
    }),
    headers: recordHeaders(eventId, 'TaskLaunchRequested', storedHeaders('tasks', eventId, {})),
  })
  try {
    await sendThrough(binder)([newId(), newId()].map(record))
  } finally {
    await binder.close()
  }
  await orderIn(shop, orderId, 'Paid')
  const { body } = await operator<Listed>('GET', '/v1/executions?task=grace-period&limit=100')
  const byMessage = body.items.filter(({ trigger }) => trigger === 'MESSAGE')
  expect(byMessage.map(({ status }) => status)).toEqual(['SUCCEEDED'])
  await eventually(
    async () => {
      const rows = await shop.sql.query<{ status: string }>(
        `select status from task_execution_changed where execution_id = '${byMessage[0]?.executionId}' order by version`,
      )
      return rows.map(({ status }) => status).join() === 'QUEUED,RUNNING,SUCCEEDED'
    },
    { withinMs: 60_000, everyMs: 300, what: 'the changes of the execution in ClickHouse' },
  )
})

test('by the scheduler, each run on record', async () => {
  const orderId = await overdue()
  expect((await operator('POST', '/v1/schedules/grace-period/resume?reason=e2e')).status).toBe(200)
  await orderIn(shop, orderId, 'Paid')
  const { body } = await operator<Listed>(
    'GET',
    '/v1/executions?task=grace-period&schedule=grace-period&status=SUCCEEDED&limit=1',
  )
  expect(body.items[0]?.trigger).toBe('SCHEDULE')
})
