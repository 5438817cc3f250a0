import { expect, test } from 'vitest'
import { newId } from '#pipelines/kernel/ids.ts'
import { memoryBinder } from '#pipelines/stream/binders/memory/binder.ts'
import { loadCatalog } from '#pipelines/tasks/catalog.ts'
import { createScheduler } from '#pipelines/tasks/scheduler/app.ts'
import { testRegistry } from '#pipelines/tasks/testing/registry.ts'
import { eventually } from '#pipelines/testing/eventually.ts'
import { testOutside } from '#pipelines/testing/outside.ts'
import { startBeside } from '#pipelines/testing/service.ts'
import type { TaskLaunchRequested } from '#schemas/generated/events.ts'
import { contentsOf } from '../testing/contents.ts'

const request = (taskName: string, args: object, requestId = newId()): TaskLaunchRequested => ({
  ...{ type: 'TaskLaunchRequested', eventId: newId(), occurredAt: Date.now() },
  ...{ requestId, taskName, arguments: JSON.stringify(args), requestedBy: 'test' },
})

test('every request to start a task read again from offset 0 with an empty inbox starts nothing, and leaves the tasks database as it was', async () => {
  const catalog = await loadCatalog(testRegistry)
  const around = await testOutside()
  const { broker, database, deliver } = around
  const create: Parameters<typeof startBeside>[1] = (outside, http) => {
    const settings = { databaseUrl: database.url, maxRunning: 3, niceness: 0, drainSeconds: 5 }
    const environment = { ...process.env, TASKS_DATABASE_URL: database.url, LOG_LEVEL: 'silent', NODE_ENV: 'test' }
    const program = ['pipelines/tasks/testing/claimed.ts']
    return createScheduler(outside, settings, http, { catalog, schedules: [], program, environment })
  }
  const contents = async () => {
    const { 'public.schedulers': _, ...tables } = await contentsOf(database) // who is alive, not what was done
    return tables
  }
  /** Every request is handled, every run has its end, every change is published. */
  const settled = () =>
    eventually(
      async () => {
        const lags = await memoryBinder(broker).lag('tasks', ['task-launches'])
        const [open] = await database.query<{ any: boolean }>(
          `select exists (select from executions where status in ('QUEUED', 'RUNNING')) or exists (select from execution_changes)
             or exists (select from outbox where sent_at is null) as any`,
        )
        return lags.every(({ lag }) => lag === 0) && open?.any === false
      },
      { withinMs: 60_000, what: 'all is handled' },
    )
  let running = await startBeside(around, create)
  try {
    const twice = newId()
    await deliver(
      request('writes', { lines: 1 }, twice),
      request('writes', { lines: 1 }, twice),
      request('writes', { lines: 'many' }),
      request('own-code', {}),
      request('nobody-knows-it', {}),
    )
    await eventually(async () => (await database.query('select from executions')).length === 3, { withinMs: 30_000 })
    await settled()
    const before = await contents()
    expect(before['public.executions']).toHaveLength(3)
    expect(before['public.dead_letters']).toHaveLength(1)
    const published = (await around.published('task-executions')).length

    await running.close()
    ;(broker.group('tasks').committed as Map<string, string>).clear()
    await database.query('truncate inbox, consumer_starts, consumer_attempts')
    running = await startBeside(around, create)
    await eventually(async () => (await database.query('select from inbox')).length >= 4, { withinMs: 30_000 })
    await settled()
    expect(await contents()).toEqual(before)
    expect(await around.published('task-executions')).toHaveLength(published)
  } finally {
    await running.close()
    await around.close()
  }
})
