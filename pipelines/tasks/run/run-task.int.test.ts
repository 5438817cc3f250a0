import Type from 'typebox'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newId } from '#pipelines/kernel/ids.ts'
import { pause } from '#pipelines/kernel/lifecycle.ts'
import { silentLog } from '#pipelines/kernel/log.ts'
import { type TestDatabase, testDatabase } from '#pipelines/testing/database.ts'
import { eventually } from '#pipelines/testing/eventually.ts'
import type { Execution } from '../executions/execution.ts'
import { findExecution, listExecutions } from '../executions/list.ts'
import { recordStart } from '../executions/start.ts'
import { markLost } from '../executions/store.ts'
import { defineTask, noArguments, type Task, type TaskDefinition } from '../task.ts'
import { tasksMigrations } from './program.ts'
import type { RunOutside } from './run-taken.ts'
import { type RunRequest, runTask } from './run-task.ts'

let db: TestDatabase

beforeAll(async () => {
  db = await testDatabase({ migrations: [tasksMigrations] })
})
afterAll(() => db.close())

function run(task: Task, request: Partial<RunRequest> = {}, outside: Partial<RunOutside> = {}) {
  return runTask(
    { taskName: task.name, ...request },
    {
      registry: { [task.name]: async () => ({ task }) },
      database: db,
      log: silentLog,
      signal: new AbortController().signal,
      ...outside,
    },
  )
}

function taskThat(
  work: TaskDefinition<typeof noArguments>['run'],
  options: Partial<TaskDefinition<typeof noArguments>> = {},
): Task {
  return defineTask({ name: `task-${newId()}`, arguments: noArguments, run: work, ...options })
}

async function executionOf(executionId: string): Promise<Execution | undefined> {
  return await findExecution(db, executionId)
}

describe('a run', () => {
  test('is recorded with all that was asked and became of it', async () => {
    const task = defineTask({
      name: 'add',
      arguments: Type.Object({ a: Type.Integer(), b: Type.Integer({ default: 2 }) }),
      run: async ({ arguments: { a, b } }) => ({ sum: a + b }),
    })
    const finished = await run(task, { arguments: { a: 40 }, trigger: 'SCHEDULE', requestedBy: 'me' })
    expect(finished).toMatchObject({ status: 'SUCCEEDED', exitCode: 0, result: { sum: 42 } })
    expect(await executionOf(finished.executionId)).toMatchObject({
      taskName: 'add',
      status: 'SUCCEEDED',
      trigger: 'SCHEDULE',
      attempt: 1,
      requestedBy: 'me',
      arguments: { a: 40 },
      result: { sum: 42 },
      exitCode: 0,
      error: null,
      pid: process.pid,
      startedAt: expect.stringMatching(/Z$/),
      endedAt: expect.stringMatching(/Z$/),
    })
  })

  test('is on record before the code of its task is loaded', async () => {
    const task = taskThat(async () => undefined)
    let seen: readonly unknown[] = []
    const registry = {
      [task.name]: async () => {
        seen = await listExecutions(db, { taskName: task.name, limit: 1 })
        return { task }
      },
    }
    await run(task, {}, { registry })
    expect(seen).toMatchObject([{ status: 'RUNNING' }])
  })

  test('that throws is FAILED, with its reason and without what may not be written', async () => {
    const finished = await run(
      taskThat(async () => {
        throw new TypeError('no such thing as tok_canary')
      }),
    )
    expect(finished).toMatchObject({ status: 'FAILED', exitCode: 1, message: 'no such thing as [payment-token]' })
    expect((await executionOf(finished.executionId))?.error).toMatch(/TypeError.*\n +at /)
  })

  test.each([
    ['a wrong type', { a: 'x' }, /\/a must be integer/],
    ['a missing one', {}, /a/],
    ['an unknown one', { a: 1, c: 1 }, /"c" is no argument/],
  ])('with %s in its arguments is FAILED and exits with 2', async (_name, given, message) => {
    const task = defineTask({ name: 'strict', arguments: Type.Object({ a: Type.Integer() }), run: async () => 'ran' })
    const finished = await run(task, { arguments: given })
    expect(finished).toMatchObject({ status: 'FAILED', exitCode: 2, message: expect.stringMatching(message) })
  })

  test('of a task that does not exist leaves no record', async () => {
    const task = taskThat(async () => undefined)
    await expect(run(task, { taskName: 'constructor' })).rejects.toMatchObject({ code: 'TASK_UNKNOWN' })
    expect(await listExecutions(db, { taskName: 'constructor', limit: 1 })).toEqual([])
  })

  test.each(['4111 1111 1111 1111', 'tok_visa', 'postgres://me:secret@host/db'])(
    'with a secret in its arguments is refused before it is on record',
    async (secret) => {
      const task = taskThat(async () => undefined)
      const refused = run(task, { arguments: { nested: [secret] } })
      await expect(refused).rejects.toMatchObject({ code: 'TASK_ARGUMENTS_SECRET' })
      await expect(refused).rejects.not.toMatchObject({ message: expect.stringContaining(secret) })
      expect(await listExecutions(db, { taskName: task.name, limit: 1 })).toEqual([])
    },
  )

  test('that runs into its time limit is TIMED_OUT, even if it does not listen', async () => {
    const finished = await run(
      taskThat(() => new Promise(() => {}), { policy: { timeLimitMs: 20 } }),
      {},
      { stopWithinMs: 20 },
    )
    expect(finished).toMatchObject({ status: 'TIMED_OUT', exitCode: 124 })
  })

  test('that is told to stop is CANCELLED', async () => {
    const stop = new AbortController()
    const listening = taskThat(async ({ signal }) => {
      stop.abort('SIGTERM')
      await pause(60_000, signal)
    })
    expect(await run(listening, {}, { signal: stop.signal })).toMatchObject({ status: 'CANCELLED', exitCode: 143 })
  })

  test('that was taken for LOST is told to stop, and its record stands', async () => {
    const task = taskThat(async ({ executionId, signal }) => {
      await db.query(`update executions set status = 'LOST' where execution_id = $1`, [executionId])
      await pause(60_000, signal)
      expect(signal.aborted).toBe(true)
    })
    const finished = await run(task, {}, { heartbeatMs: 20 })
    expect(finished).toMatchObject({ status: 'FAILED', exitCode: 1 })
    expect(await executionOf(finished.executionId)).toMatchObject({ status: 'LOST', exitCode: null })
  })
})

describe('a single-instance task', () => {
  test('does not overlap itself: the second run is SKIPPED, and one after the first is not', async () => {
    let running = 0
    let most = 0
    const begun = new AbortController()
    const release = new AbortController()
    const task = taskThat(
      async () => {
        most = Math.max(most, ++running)
        begun.abort()
        await pause(60_000, release.signal)
        running--
      },
      { policy: { singleInstance: true } },
    )
    const first = run(task)
    await pause(60_000, begun.signal)
    const second = await run(task)
    release.abort()
    expect(second).toMatchObject({ status: 'SKIPPED', exitCode: 0 })
    expect(await first).toMatchObject({ status: 'SUCCEEDED' })
    expect(await run(task)).toMatchObject({ status: 'SUCCEEDED' })
    expect(most).toBe(1)
    // A lock that stays with a pooled connection would shut out every run of other processes.
    await eventually(async () => {
      const locks = `select 1 from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = $1)`
      return (await db.query(locks, [db.name])).length === 0
    })
  })
})

test('a single-instance run that lost its lock is told to stop, as another may have it', async () => {
  const task = taskThat(
    async ({ signal }) => {
      const backends = await db.query(
        `select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and classid = 7106
         and database = (select oid from pg_database where datname = $1)`,
        [db.name],
      )
      expect(backends).toHaveLength(1)
      await pause(60_000, signal)
    },
    { policy: { singleInstance: true } },
  )
  expect(await run(task)).toMatchObject({ status: 'FAILED', message: expect.stringContaining('lost') })
})

describe('LOST', () => {
  const begin = (heartbeatMs: number) => {
    const executionId = newId()
    return recordStart(db, {
      executionId,
      taskName: 'killed',
      trigger: 'MANUAL',
      requestedBy: 'me',
      arguments: {},
      heartbeatMs,
    }).then(() => executionId)
  }

  test('is what has missed two heartbeats, and nothing else', async () => {
    const [silent, alive] = [await begin(1_000), await begin(60_000)]
    await db.query(`update executions set heartbeat_at = now() - interval '3 seconds' where execution_id = any($1)`, [
      [silent, alive],
    ])
    expect(await markLost(db)).toEqual([silent])
    expect(await executionOf(silent)).toMatchObject({ status: 'LOST', endedAt: expect.any(String) })
    expect(await executionOf(alive)).toMatchObject({ status: 'RUNNING' })
  })
})
