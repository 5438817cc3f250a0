import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type TestDatabase, testDatabase } from '#pipelines/testing/database.ts'
import { eventually } from '#pipelines/testing/eventually.ts'
import { startProcess } from '#pipelines/testing/process.ts'
import { findExecution, listExecutions } from '../executions/list.ts'
import { readOutput } from '../executions/output.ts'
import { migrateTasks } from './program.ts'

let db: TestDatabase

beforeAll(async () => {
  db = await testDatabase()
  await migrateTasks(db)
})
afterAll(() => db.close())

const program = ['pipelines/tasks/testing/run.ts'] as const
const start = (args: readonly string[], env: Record<string, string> = {}) =>
  startProcess([...program, ...args], { env: { TASKS_DATABASE_URL: db.url, NODE_ENV: 'test', ...env } })
const latest = async (taskName: string) => {
  const [one] = await listExecutions(db, { taskName, limit: 1 })
  return await findExecution(db, one?.executionId ?? '00000000-0000-0000-0000-000000000000')
}

describe('a run as a process that any cron starts', () => {
  test('SIGTERM ends it with 143, CANCELLED', async () => {
    const child = start(['forever'])
    await child.saw('it runs')
    child.signal('SIGTERM')
    expect(await child.exited).toEqual({ code: 143, signal: null })
    expect(await latest('forever')).toMatchObject({ status: 'CANCELLED', exitCode: 143, pid: child.pid })
  })

  test('kill -9 frees the lock at once and is found LOST by its heartbeat, by the next run', async () => {
    const killed = start(['forever'])
    await killed.saw('it runs')
    killed.signal('SIGKILL')
    await killed.exited
    const dead = await latest('forever')
    expect(dead).toMatchObject({ status: 'RUNNING', pid: killed.pid })
    await db.query(
      `update executions set heartbeat_at = heartbeat_at - interval '11 seconds' where execution_id = $1`,
      [dead?.executionId],
    )
    const next = start(['forever'])
    await next.saw('it runs') // not SKIPPED
    expect(await findExecution(db, dead?.executionId ?? '')).toMatchObject({ status: 'LOST' })
    expect(await latest('forever')).toMatchObject({ status: 'RUNNING', pid: next.pid })
    await next.close()
  })

  test('one that was stopped for two heartbeats knows, when it goes on, that it may not write any more', async () => {
    const child = start(['forever'], { HEARTBEAT_MS: '2000' })
    await child.saw('it runs')
    child.signal('SIGSTOP')
    const { executionId = '' } = (await latest('forever')) ?? {}
    await db.query(`update executions set status = 'LOST', version = version + 1 where execution_id = $1`, [
      executionId,
    ])
    child.signal('SIGCONT')
    expect((await child.exited).code).toBe(1)
    expect(child.output()).toContain('taken for lost')
    expect(await findExecution(db, executionId)).toMatchObject({ status: 'LOST' })
  })

  test('a module that cannot be loaded is a FAILED execution with its reason', async () => {
    const child = start(['not-loadable'])
    expect((await child.exited).code).toBe(1)
    expect(await latest('not-loadable')).toMatchObject({
      status: 'FAILED',
      exitCode: 1,
      message: 'this module cannot be loaded: [payment-token]',
      error: expect.stringContaining('[BROKEN_MODULE]'),
    })
  })

  test('a handle that was left open is named, and the process ends all the same', async () => {
    const child = start(['leaks'])
    expect(await child.exited).toEqual({ code: 0, signal: null })
    expect(child.output()).toContain('kept alive by Timeout (1')
    expect(await latest('leaks')).toMatchObject({
      status: 'SUCCEEDED',
      result: 'done',
      note: expect.stringContaining('kept alive by Timeout (1'),
    })
  })

  test('exit codes are the same in the row and from the process', async () => {
    for (const [name, code, status, message] of [
      ['own-code', 42, 'FAILED', 'nothing was packed'],
      ['throws-aside', 1, 'FAILED', 'thrown aside'],
      ['deaf', 124, 'TIMED_OUT', 'it ran into its time limit'],
    ] as const) {
      expect((await start([name]).exited).code, name).toBe(code)
      expect(await latest(name), name).toMatchObject({ status, exitCode: code, message })
    }
  })

  test('what it writes is stored with it: the last 64 KB, cleaned, also a line without an end', async () => {
    expect((await start(['writes', '{"lines": 2000}']).exited).code).toBe(0)
    const { executionId = '', outputBytes = 0 } = (await latest('writes')) ?? {}
    const pieces = await readOutput(db, executionId)
    const kept = pieces.map(({ text }) => text).join('')
    expect(outputBytes).toBeGreaterThan(190_000)
    expect(Buffer.byteLength(kept)).toBeGreaterThan(48 * 1024)
    expect(Buffer.byteLength(kept)).toBeLessThanOrEqual(64 * 1024)
    expect(kept).toContain('line 2000 ')
    expect(kept).toContain('no line end, [payment-token]')
    expect(pieces.at(-1)).toMatchObject({ stream: 'stderr' })
  })

  test('a secret is a reference wherever it is stored', async () => {
    const env = { THE_KEY: 'xyzzy-"4711"' }
    expect((await start(['tells', '{"key":{"$secret":"THE_KEY"}}'], env).exited).code).toBe(0)
    const told = await latest('tells')
    expect(told).toMatchObject({ arguments: { key: { $secret: 'THE_KEY' } }, result: { key: '[secret]' } })
    expect((await start(['tells', '{"key":{"$secret":"THE_KEY"},"fail":true}'], env).exited).code).toBe(1)
    expect(await latest('tells')).toMatchObject({ message: 'bad key [secret]' })
    const everything = JSON.stringify([
      await db.query('select * from executions'),
      await db.query('select * from execution_output'),
      await db.query('select * from execution_changes'),
    ])
    expect(everything).toContain('the key is [secret]')
    expect(everything).not.toContain('4711')
  })

  test('a secret in clear, or one that is not set, is FAILED with what to do, and not repeated', async () => {
    expect((await start(['tells', '{"key":"plain-text-key"}']).exited).code).toBe(2)
    expect((await latest('tells'))?.message).toMatch(/\/key is secret: pass \{"\$secret":"NAME"\}/)
    expect((await start(['tells', '{"key":{"$secret":"NOT_SET"}}']).exited).code).toBe(2)
    expect((await latest('tells'))?.message).toContain('NOT_SET (for key)')
  })

  test('without a scheduler it makes its further attempts itself, each from the checkpoint of the one before', async () => {
    const child = start(['flaky'])
    expect((await child.exited).code).toBe(0)
    const attempts = await db.query<{ attempt: number; status: string; run: string }>(
      `select attempt, status, run_id as run from executions where task_name = 'flaky' order by attempt`,
    )
    expect(attempts.map(({ attempt, status }) => `${attempt} ${status}`)).toEqual([
      '1 FAILED',
      '2 FAILED',
      '3 SUCCEEDED',
    ])
    expect(new Set(attempts.map(({ run }) => run)).size).toBe(1)
    expect((await latest('flaky'))?.result).toEqual([1, 2, 3])
  })

  test('a cancellation that is asked for reaches it with a heartbeat', async () => {
    const child = start(['forever'], { HEARTBEAT_MS: '2000' })
    await child.saw('it runs')
    const { executionId = '' } = (await latest('forever')) ?? {}
    await eventually(async () => (await findExecution(db, executionId))?.progress?.done === 3)
    const { cancel } = await import('../executions/operate.ts')
    expect(await cancel(db, executionId, { actor: 'olga' })).toBe('RUNNING')
    expect((await child.exited).code).toBe(143)
    expect(await findExecution(db, executionId)).toMatchObject({ status: 'CANCELLED', message: 'cancelled by olga' })
  })
})
