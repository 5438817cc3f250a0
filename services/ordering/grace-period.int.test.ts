import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest'
import { newId } from '#pipelines/kernel/ids.ts'
import { createOutbox } from '#pipelines/outbox/outbox.ts'
import { findExecution, listExecutions } from '#pipelines/tasks/executions/list.ts'
import { migrateTasks } from '#pipelines/tasks/run/program.ts'
import { type TestDatabase, testDatabase } from '#pipelines/testing/database.ts'
import { startProcess } from '#pipelines/testing/process.ts'
import type { GracePeriodConfirmed } from '#schemas/generated/events.ts'
import { confirmGracePeriods } from './grace-period/confirm.ts'
import { type OrderingRig, orderingRig } from './testing/rig.ts'
import { checkout } from './testing/samples.ts'

let rig: OrderingRig
let tasks: TestDatabase

beforeAll(async () => {
  rig = await orderingRig({ graceMs: 0 })
  tasks = await testDatabase()
  await migrateTasks(tasks)
})
afterAll(async () => {
  await rig.close()
  await tasks.close()
})
beforeEach(() => rig.database.query('truncate orders, order_items, order_steps, order_redrives, outbox'))

const EXECUTION = newId()

function confirm({ batchSize = 3, signal = new AbortController().signal } = {}) {
  return confirmGracePeriods({
    database: rig.database,
    openOutbox: async () => createOutbox('grace-period', rig.codec),
    executionId: EXECUTION,
    signal,
    batchSize,
  })
}

async function confirmations(): Promise<GracePeriodConfirmed[]> {
  return (await rig.published()).filter((event) => event.type === 'GracePeriodConfirmed')
}

/** How often each order was confirmed. */
async function times(ids: readonly string[]): Promise<readonly number[]> {
  const all = await confirmations()
  return ids.map((id) => all.filter(({ orderId }) => orderId === id).length)
}

/** Places orders, quicker than through the handler one by one. */
async function place(count: number): Promise<string[]> {
  const ids: string[] = []
  while (ids.length < count)
    ids.push(...(await Promise.all(Array.from({ length: Math.min(15, count - ids.length) }, () => rig.placed()))))
  return ids
}

describe('the work', () => {
  test('confirms every order whose time is over, in as many batches as it takes', async () => {
    const ids = await place(7)
    expect(await confirm()).toEqual({ confirmed: 7 })
    expect(await times(ids)).toEqual(ids.map(() => 1))
    expect((await confirmations())[0]).toMatchObject({ orderVersion: 2, graceMs: 0, executionId: EXECUTION })
  })

  test('leaves alone what is inside its grace period, by the database’s clock', async () => {
    const [early, due] = await place(2)
    await rig.database.query(`update orders set grace_ends_at = now() + interval '1 second' where order_id = $1`, [
      early,
    ])
    await rig.database.query(
      `update orders set submitted_at = now() - interval '11 seconds', grace_ends_at = now() - interval '1 second' where order_id = $1`,
      [due],
    )
    expect(await confirm()).toEqual({ confirmed: 1 })
    expect(await confirmations()).toMatchObject([{ orderId: due, graceMs: 10_000 }])
  })

  test('confirms once: a second run finds nothing, and opens no outbox', async () => {
    await place(2)
    await confirm()
    const openOutbox = async () => {
      throw new TypeError('there is nothing to publish')
    }
    const again = { database: rig.database, openOutbox, executionId: EXECUTION, signal: new AbortController().signal }
    expect(await confirmGracePeriods(again)).toEqual({ confirmed: 0 })
  })

  test('passes over an order that was cancelled', async () => {
    const orderId = await rig.placed()
    await rig.call('POST', `/v1/orders/${orderId}/cancel`)
    expect(await confirm()).toEqual({ confirmed: 0 })
  })

  test('passes over an order that somebody is cancelling right now, and does not wait', async () => {
    const [locked, free] = await place(2)
    await rig.database.transaction(async (tx) => {
      await tx.query('select from orders where order_id = $1 for update', [locked])
      expect(await confirm()).toEqual({ confirmed: 1 })
    })
    expect(await times([locked, free] as string[])).toEqual([0, 1])
  })

  test('neither marks nor publishes when it fails in between', async () => {
    const ids = await place(2)
    const failing = {
      database: rig.database,
      openOutbox: async () => ({
        publish: async () => {
          throw new TypeError('the outbox is broken')
        },
      }),
      executionId: EXECUTION,
      signal: new AbortController().signal,
    }
    await expect(confirmGracePeriods(failing)).rejects.toThrow('the outbox is broken')
    expect(await confirm()).toEqual({ confirmed: 2 })
    expect(await times(ids)).toEqual([1, 1])
  })

  test('stops between two batches when it is told to', async () => {
    await place(4)
    const stop = new AbortController()
    stop.abort('SIGTERM')
    expect(await confirm({ signal: stop.signal })).toEqual({ confirmed: 0 })
  })

  test('goes on with the checkout’s correlation', async () => {
    await place(1)
    await confirm()
    const headers = await rig.database.query<{ headers: Record<string, string> }>(
      `select headers from outbox where event_type = 'GracePeriodConfirmed'`,
    )
    expect(JSON.stringify(headers)).toContain('c0ffee00-0000-4000-8000-000000000000')
  })

  test('moves the order on when ordering reads it', async () => {
    const orderId = await rig.placed([], checkout())
    await confirm()
    const [event] = await confirmations()
    if (!event) throw new TypeError('nothing was confirmed')
    expect(await rig.deliver(event)).toEqual({ outcome: 'done' })
    expect(await rig.types(orderId)).toContain('OrderStatusChangedToAwaitingValidation')
  })

  test('many at once confirm each order once', async () => {
    const ids = await place(60)
    const results = await Promise.all(Array.from({ length: 6 }, () => confirm()))
    await confirm()
    expect(results.reduce((sum, { confirmed }) => sum + confirmed, 0)).toBeLessThanOrEqual(60)
    expect(await times(ids)).toEqual(ids.map(() => 1))
  })
})

describe('as a process', () => {
  const env = () => ({
    ORDERING_DATABASE_URL: rig.database.url,
    TASKS_DATABASE_URL: tasks.url,
    REGISTRY_URL: inject('registryUrl'),
  })
  const runMain = () => startProcess(['services/ordering/grace-period/main.ts'], { env: env() })

  test('two at once confirm each order exactly once, and both are on record', async () => {
    const ids = await place(450)
    const exits = await Promise.all([runMain().exited, runMain().exited])
    expect(exits).toEqual([
      { code: 0, signal: null },
      { code: 0, signal: null },
    ])
    const all = await confirmations()
    expect(all).toHaveLength(450)
    expect(await times(ids)).toEqual(ids.map(() => 1))
    const executions = await listExecutions(tasks, { taskName: 'grace-period', limit: 2 })
    expect(executions).toMatchObject([
      { status: 'SUCCEEDED', trigger: 'SCHEDULE', exitCode: 0 },
      { status: 'SUCCEEDED', trigger: 'SCHEDULE', exitCode: 0 },
    ])
    const whole = await Promise.all(executions.map(({ executionId }) => findExecution(tasks, executionId)))
    const confirmed = whole.map((execution) => (execution as { result: { confirmed: number } }).result.confirmed)
    expect(confirmed.reduce((sum, each) => sum + each)).toBe(450)
    expect(new Set(all.map(({ executionId }) => executionId))).toEqual(
      new Set(executions.filter((_, index) => confirmed[index] !== 0).map(({ executionId }) => executionId)),
    )
  })

  test('without settings it says which, and is a FAILED execution', async () => {
    const child = startProcess(['services/ordering/grace-period/main.ts'], {
      env: { TASKS_DATABASE_URL: tasks.url, ORDERING_DATABASE_URL: '', REGISTRY_URL: '' },
    })
    expect((await child.exited).code).toBe(2)
    expect(child.output()).toMatch(/ORDERING_DATABASE_URL.*REGISTRY_URL/)
    const [execution] = await listExecutions(tasks, { taskName: 'grace-period', limit: 1 })
    expect(execution).toMatchObject({ status: 'FAILED', exitCode: 2 })
  })

  test('without a database for its record it does not run, and exits with 2', async () => {
    const child = startProcess(['services/ordering/grace-period/main.ts'], {
      env: { ...env(), TASKS_DATABASE_URL: '' },
    })
    expect((await child.exited).code).toBe(2)
    expect(child.output()).toContain('TASKS_DATABASE_URL is required')
  })
})
