import { beforeAll, describe, expect, test } from 'vitest'
import { HOUR } from '#pipelines/kernel/clock.ts'
import { newId } from '#pipelines/kernel/ids.ts'
import { startBeside } from '#pipelines/testing/service.ts'
import type { TaskExecutionChanged, TaskLaunchRequested } from '#schemas/generated/events.ts'
import { listExecutions } from '../executions/list.ts'
import { seedSchedules, setSchedule } from '../schedules/change.ts'
import { findSchedule } from '../schedules/store.ts'
import { testClock } from '../testing/clock.ts'
import { eventually, program, runningScheduler, schedulerOfTests } from '../testing/scheduler.ts'
import { createWatch } from './watch.ts'

const tasks = runningScheduler()
const { db, find, ended, ask } = tasks
let clock: Awaited<ReturnType<typeof testClock>>
beforeAll(async () => {
  clock = await testClock(db())
})

const WHO = { actor: 'test' }
const running = (executionId: string) => eventually(async () => (await find(executionId)).status === 'RUNNING')
async function changesOf(executionId: string): Promise<TaskExecutionChanged[]> {
  const events = (await tasks.service.published('task-executions')) as TaskExecutionChanged[]
  return events.filter((event) => event.executionId === executionId).sort((a, b) => a.version - b.version)
}

describe('a schedule', () => {
  test('starts a process at each due time, and every change is published, in its order', async () => {
    await setSchedule(db(), { name: 'often', taskName: 'writes', everyMs: 300, overlap: 'SKIP' }, WHO)
    const three = await eventually(async () => {
      const all = await listExecutions(db(), { scheduleName: 'often', status: 'SUCCEEDED', limit: 10 })
      return all.length >= 3 && all
    })
    await tasks.service.call('POST', '/v1/schedules/often/pause?reason=enough', { as: 'operator', sub: 'olga' })
    const first = three.at(-1)
    expect(first).toMatchObject({ trigger: 'SCHEDULE', exitCode: 0 })
    const changes = await eventually(async () => {
      const found = await changesOf(first?.executionId ?? '')
      return found.length === 3 && found
    })
    expect(changes.map(({ version, status }) => `${version} ${status}`)).toEqual([
      '1 QUEUED',
      '2 RUNNING',
      '3 SUCCEEDED',
    ])
    expect(changes[2]).toMatchObject({ taskName: 'writes', trigger: 'SCHEDULE', attempt: 1, exitCode: 0 })
    const [row] = await db().query(
      'select count(*)::int as early from executions where requested_at < due_at or started_at < due_at',
    )
    expect(row).toEqual({ early: 0 })
  })

  test('overlap: SKIP records what it passes over, QUEUE waits its turn, ALLOW runs beside', async () => {
    await clock.jump(0)
    for (const overlap of ['SKIP', 'QUEUE', 'ALLOW'] as const)
      await setSchedule(
        db(),
        {
          name: `slow-${overlap.toLowerCase()}`,
          taskName: 'writes',
          arguments: { lines: 1, waitMs: 60_000 },
          everyMs: 400,
          overlap,
        },
        WHO,
      )
    const statuses = async (name: string) =>
      (await listExecutions(db(), { scheduleName: name, limit: 50 })).map(({ status }) => status)
    await eventually(async () => (await statuses('slow-skip')).includes('SKIPPED'))
    await eventually(async () => (await statuses('slow-queue')).filter((status) => status === 'QUEUED').length >= 2)
    await eventually(async () => (await statuses('slow-allow')).length >= 3)
    for (const name of ['slow-skip', 'slow-queue', 'slow-allow'])
      await tasks.service.call('POST', `/v1/schedules/${name}/pause`, { as: 'operator' })
    const under = async (name: string) => (await statuses(name)).filter((status) => status === 'RUNNING').length
    expect(await under('slow-skip')).toBeLessThanOrEqual(1)
    expect(await under('slow-queue')).toBeLessThanOrEqual(1)
    // Two places in all: whatever was asked for, no more run at once.
    const [row] = await db().query<{ running: number }>(
      `select count(*)::int as running from executions where status = 'RUNNING'`,
    )
    expect(row?.running).toBeLessThanOrEqual(2)
    for (const { executionId, status } of await listExecutions(db(), { limit: 100 }))
      if (status === 'QUEUED' || status === 'RUNNING')
        await tasks.service.call('POST', `/v1/executions/${executionId}/cancel`, { as: 'operator' })
    await eventually(async () => {
      const [open] = await db().query(
        `select count(*)::int as count from executions where status in ('QUEUED', 'RUNNING')`,
      )
      return open?.count === 0
    })
  })

  test('of the program is made once, follows the program, and stays as an operator left it', async () => {
    const seed = (everyMs: number) => seedSchedules(db(), [{ name: 'of-program', taskName: 'writes', everyMs }])
    expect(await seed(3_600_000)).toEqual(['of-program'])
    expect(await seed(3_600_000)).toEqual([])
    expect(await seed(7_200_000)).toEqual(['of-program'])
    await tasks.service.call('POST', '/v1/schedules/of-program/pause', { as: 'operator' })
    expect(await seed(7_200_000)).toEqual([])
    await setSchedule(db(), { name: 'of-program', taskName: 'writes', everyMs: 1_800_000 }, WHO)
    expect(await seed(3_600_000)).toEqual([])
    expect((await findSchedule(db(), 'of-program'))?.schedule).toMatchObject({ everyMs: 1_800_000, paused: true })
    expect((await tasks.service.call('DELETE', '/v1/schedules/of-program', { as: 'operator' })).status).toBe(409)
  })
})

describe('by message', () => {
  const requested = (requestId: string, text = '{"lines": 1}', taskName = 'writes'): TaskLaunchRequested => ({
    type: 'TaskLaunchRequested',
    eventId: newId(),
    occurredAt: Date.now(),
    requestId,
    taskName,
    arguments: text,
    requestedBy: 'a-program',
  })

  test('a request runs once, however often it comes', async () => {
    const requestId = newId()
    const same = requested(requestId)
    await tasks.service.deliver(same, same, requested(requestId))
    const executions = await eventually(async () => {
      const rows = await db().query<{ status: string }>(
        'select status, trigger, requested_by as "by" from executions where request_id = $1',
        [requestId],
      )
      return rows[0]?.status === 'SUCCEEDED' && rows
    })
    expect(executions).toEqual([{ status: 'SUCCEEDED', trigger: 'MESSAGE', by: 'a-program' }])
  })

  test('what has no room is QUEUED, and runs when there is', async () => {
    const ids = Array.from({ length: 6 }, newId)
    await tasks.service.deliver(...ids.map((id) => requested(id, '{"lines": 1, "waitMs": 200}')))
    const statuses = async () =>
      (await db().query<{ status: string }>('select status from executions where request_id = any($1)', [ids])).map(
        ({ status }) => status,
      )
    await eventually(async () => (await statuses()).length === 6)
    await eventually(async () => (await statuses()).every((status) => status === 'SUCCEEDED'))
    const [most] = await db().query<{ most: number }>(
      `select max(beside)::int as most from (select (select count(*) from executions o where o.request_id = any($1)
         and o.started_at <= e.started_at and o.ended_at > e.started_at) as beside from executions e where request_id = any($1)) counts`,
      [ids],
    )
    expect(most?.most).toBeLessThanOrEqual(2)
  })

  test('a task that does not exist, or arguments that are none, are dead letters; wrong arguments are a FAILED execution', async () => {
    const wrong = newId()
    await tasks.service.deliver(
      requested(newId(), '{}', 'no-such-task'),
      requested(newId(), 'none'),
      requested(wrong, '{"lines": "x"}'),
    )
    const dead = await eventually(async () => {
      const { body } = await tasks.service.call('GET', '/v1/dead-letters', { as: 'operator' })
      return body.items.length === 2 && body.items
    })
    expect(dead.map(({ reason }: { reason: string }) => reason).join()).toMatch(
      /there is no task of this name|no JSON object/,
    )
    const execution = await eventually(async () => {
      const [row] = await db().query('select status, exit_code as code from executions where request_id = $1', [wrong])
      return row?.status === 'FAILED' && row
    })
    expect(execution).toEqual({ status: 'FAILED', code: 2 })
  })
})

describe('every run ends', () => {
  test('killed, it is LOST at once, its place is free, and the next attempt follows its policy', async () => {
    const executionId = await ask('forever')
    await running(executionId)
    process.kill((await find(executionId)).pid ?? 0, 'SIGKILL')
    expect(await ended(executionId)).toMatchObject({
      status: 'LOST',
      exitCode: 137,
      message: expect.stringContaining('SIGKILL'),
    })
    const again = await ask('forever')
    await running(again) // the lock is free as well
    await tasks.service.call('POST', `/v1/executions/${again}/cancel?reason=done`, { as: 'operator', sub: 'olga' })
    expect(await ended(again)).toMatchObject({
      status: 'CANCELLED',
      exitCode: 143,
      message: 'cancelled by olga',
      cancelRequestedBy: 'olga',
    })
  })

  test('one that fails is tried again, from its checkpoint, as one run', async () => {
    const executionId = await ask('flaky')
    const last = await eventually(async () => {
      const { body } = await tasks.service.call('GET', `/v1/executions/${executionId}`, { as: 'support' })
      return body.attempts.length === 3 && body.attempts[2].status === 'SUCCEEDED' && body.attempts
    })
    expect(last.map(({ status }: { status: string }) => status)).toEqual(['FAILED', 'FAILED', 'SUCCEEDED'])
    expect((await find(last[2].executionId)).result).toEqual([1, 2, 3])
  })

  test('one whose program is missing is FAILED with the last words of its process', async () => {
    const [real] = program
    program[0] = 'pipelines/tasks/testing/no-such-program.ts'
    try {
      expect(await ended(await ask('writes'))).toMatchObject({
        status: 'FAILED',
        message: expect.stringContaining('before it could start'),
        error: expect.stringContaining('Cannot find module'),
      })
    } finally {
      program[0] = real as string
    }
  })

  test('silent for two heartbeats it is LOST, as a scheduler that watches finds; a clock that jumps an hour makes none LOST', async () => {
    const executionId = newId()
    await db().query(
      `insert into executions (execution_id, run_id, task_name, status, trigger, arguments, started_at, heartbeat_at, heartbeat_ms, policy)
       values ($1, $1, 'flaky', 'RUNNING', 'MANUAL', '{}', tasks_now(), tasks_now(), 3600000, '{"attempts": 2, "backoffMs": 3600000, "maxBackoffMs": 3600000}')`,
      [executionId],
    )
    let nowMs = 0
    const watch = createWatch(db(), () => nowMs)
    const look = async (atMs: number) => {
      nowMs = atMs
      return (await watch.look()).lost
    }
    expect(await look(0)).toEqual([])
    await clock.jump(24 * HOUR)
    expect(await look(HOUR)).toEqual([])
    await clock.jump(-48 * HOUR)
    expect(await look(2 * HOUR - 1)).toEqual([])
    await db().query('update executions set heartbeat_at = tasks_now() where execution_id = $1', [executionId])
    expect(await look(2 * HOUR)).toEqual([])
    expect(await look(4 * HOUR - 2)).toEqual([])
    expect(await look(4 * HOUR)).toEqual([executionId])
    await clock.jump(24 * HOUR)
    const attempts = await db().query('select status, attempt from executions where run_id = $1 order by attempt', [
      executionId,
    ])
    expect(attempts).toEqual([
      { status: 'LOST', attempt: 1 },
      { status: 'QUEUED', attempt: 2 },
    ])
    await db().query('delete from executions where run_id = $1', [executionId])
  })
})

test('two schedulers on one database fire each due time once, and one that dies leaves nothing undone', async () => {
  const other = await startBeside(tasks.service, await schedulerOfTests())
  await setSchedule(db(), { name: 'shared', taskName: 'writes', everyMs: 150, overlap: 'ALLOW', catchUp: 'ALL' }, WHO)
  const due = async () =>
    (
      await db().query<{ due: string }>(
        `select due_at::text as due from executions where schedule_name = 'shared' and attempt = 1`,
      )
    ).map((row) => row.due)
  await eventually(async () => (await due()).length >= 5)
  await other.close()
  await eventually(async () => (await due()).length >= 10)
  await tasks.service.call('POST', '/v1/schedules/shared/pause', { as: 'operator' })
  const all = await due()
  expect(new Set(all).size).toBe(all.length)
  await db().query(`update executions set status = 'CANCELLED', version = version + 1 where status = 'QUEUED'`)
  expect(await db().query('select 1 from schedulers')).toHaveLength(1)
})
