import type { Command } from 'commander'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { type TestDatabase, testDatabase } from '#pipelines/testing/database.ts'
import { testRegistry } from '../testing/registry.ts'
import { taskCommand } from './commands.ts'

let db: TestDatabase
let printed = ''

beforeAll(async () => {
  db = await testDatabase()
})
afterAll(() => db.close())
beforeEach(() => {
  printed = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text)
    return true
  })
})
afterEach(() => {
  vi.restoreAllMocks()
  process.exitCode = 0
})

const PROGRAM = ['pipelines/tasks/testing/claimed.ts']

/** `eshop task …` on the test's database. Answers the exit code the process would have. */
async function task(...args: string[]): Promise<typeof process.exitCode> {
  printed = ''
  const silence = (command: Command): Command => {
    command.commands.forEach(silence)
    return command.exitOverride().configureOutput({ writeErr: () => {} })
  }
  const environment = { ...process.env, TASKS_DATABASE_URL: db.url, LOG_LEVEL: 'silent', KAFKA_BROKERS: '' }
  await silence(taskCommand(testRegistry, PROGRAM, environment)).parseAsync(args, { from: 'user' })
  return process.exitCode
}
const json = () => JSON.parse(printed)

test('nothing has run yet', async () => {
  await task('executions')
  expect(printed).toBe('nothing has run yet\n')
  await task('schedule', 'list')
  expect(printed).toBe('there are no schedules\n')
})

describe('run', () => {
  test('makes a process of its own, prints what became of it, and executions and show tell it', async () => {
    expect(await task('run', 'writes', '--args', '{"lines": 1}', '--json')).toBe(0)
    const { executionId, status } = json()
    expect(status).toBe('SUCCEEDED')
    await task('executions', '--task', 'writes', '--since', '1h', '--json')
    expect(json()).toMatchObject({ executionId, trigger: 'MANUAL', exitCode: 0 })
    await task('executions', '--status', 'SUCCEEDED')
    expect(printed).toMatch(/writes +SUCCEEDED +0 /)
    await task('show', executionId)
    expect(printed).toMatch(/requestedBy +cli:/)
    expect(printed).toContain('line 1')
    await task('show', executionId, '--follow')
    expect(printed).toMatch(/line 1 \nSUCCEEDED, exit code 0\n$/)
  })

  test('its exit code is that of the run', async () => {
    expect(await task('run', 'writes', '--args', '{"lines": "x"}')).toBe(2)
    expect(printed).toMatch(/^writes FAILED: bad arguments for writes: \/lines must be integer/)
    expect(await task('run', 'own-code')).toBe(42)
  })

  test('a process that ends under its run, or cannot be started, is a FAILED execution with its last words', async () => {
    expect(await task('run', 'exits', '--json')).toBe(7)
    expect(json()).toMatchObject({ status: 'FAILED', message: expect.stringContaining('exit code 7') })
    PROGRAM[0] = 'pipelines/tasks/testing/no-such-program.ts'
    try {
      expect(await task('run', 'writes', '--json')).toBe(1)
    } finally {
      PROGRAM[0] = 'pipelines/tasks/testing/claimed.ts'
    }
    expect(json()).toMatchObject({ status: 'FAILED', message: expect.stringContaining('before it could start') })
  })

  test('one that blocks its process is killed at its limit, and TIMED_OUT', async () => {
    expect(await task('run', 'blocks', '--json')).toBe(124)
    expect(json()).toMatchObject({ status: 'TIMED_OUT', exitCode: 124, message: expect.stringContaining('was killed') })
  })

  test('--queue leaves it to the scheduler; cancel ends what waits, retry runs it again', async () => {
    await task('run', 'writes', '--queue', '--json')
    const { executionId } = json()
    await task('cancel', executionId, '--reason', 'not today')
    expect(printed).toBe('CANCELLED\n')
    await expect(task('cancel', executionId)).rejects.toMatchObject({ code: 'EXECUTION_ENDED' })
    await task('retry', executionId, '--json')
    const again = json().executionId
    await task('show', again, '--json')
    expect(json()).toMatchObject({ status: 'QUEUED', attempt: 2, runId: executionId })
    await expect(task('retry', executionId)).rejects.toMatchObject({ code: 'EXECUTION_NOT_ENDED' })
    await task('audit', '--execution', executionId)
    expect(printed).toMatch(/cli:.* execution.retry[\s\S]*execution.cancel .*\(not today\)[\s\S]*execution.launch/)
  })
})

describe('schedule', () => {
  test('set, pause, resume, run-now, next, remove: each written down with who, before and after', async () => {
    await task(
      'schedule',
      'set',
      'nightly',
      '--task',
      'writes',
      '--cron',
      '30 2 * * *',
      '--tz',
      'Europe/Berlin',
      '--jitter',
      '1m',
    )
    expect(printed).toMatch(
      /^nightly +writes +"30 2 \* \* \*" Europe\/Berlin +next .*overlap SKIP, catch-up LAST, jitter 1m/,
    )
    await task('schedule', 'set', 'nightly', '--cron', '0 3 * * *', '--reason', 'later')
    await task('schedule', 'pause', 'nightly', '--reason', 'stocktaking')
    expect(printed).toMatch(/paused by cli:.* \(stocktaking\)/)
    await task('schedule', 'next', 'nightly', '--from', '2026-03-28T12:00:00Z', '--count', '2')
    expect(printed).toBe(
      'it is paused; if it were not:\n2026-03-29T01:00:00.000Z  2026-03-29 03:00:00 CEST\n2026-03-30T01:00:00.000Z  2026-03-30 03:00:00 CEST\n',
    )
    await task('schedule', 'run-now', 'nightly', '--json')
    const { executionId } = json()
    await task('executions', '--schedule', 'nightly', '--json')
    expect(json()).toMatchObject({ executionId, status: 'QUEUED', trigger: 'MANUAL' })
    await task('schedule', 'resume', 'nightly', '--json')
    expect(json()).toMatchObject({ paused: false, version: 4, timeZone: 'Europe/Berlin' })
    await task('audit', '--schedule', 'nightly')
    expect(printed).toMatch(/schedule.set .*cron: "30 2 \* \* \*" -> "0 3 \* \* \*" {2}\(later\)/)
    expect(printed).toMatch(/schedule.pause .*paused: false -> true/)
    await task('schedule', 'remove', 'nightly')
    await task('schedule', 'list')
    expect(printed).toBe('there are no schedules\n')
  })
})

test('list shows every task, also one that cannot be loaded', async () => {
  await task('list')
  expect(printed).toMatch(/^not-loadable\n {2}cannot be loaded: /m)
  expect(printed).toMatch(/^flaky\n/m)
})

test.each([
  [['run', 'writes', '--args', '{n: 1}'], 'commander.invalidArgument'],
  [['run', 'writes', '--args', '[1]'], 'commander.invalidArgument'],
  [['run', 'writes', '--trigger', 'WISH'], 'commander.invalidArgument'],
  [['executions', '--limit', '0'], 'commander.invalidArgument'],
  [['executions', '--since', 'yesterday'], 'commander.invalidArgument'],
  [['schedule', 'set', 'x', '--every', '5'], 'commander.invalidArgument'],
  [['schedule', 'set', 'x', '--task', 'writes', '--cron', 'often'], 'SCHEDULE_INVALID'],
  [['schedule', 'set', 'x', '--task', 'writes', '--cron', '0 3 * * *', '--tz', 'Mars/Olympus'], 'SCHEDULE_INVALID'],
  [['schedule', 'set', 'x', '--task', 'writes'], 'SCHEDULE_INVALID'],
  [['schedule', 'set', 'x', '--task', 'no-such', '--every', '5s'], 'TASK_UNKNOWN'],
  [['schedule', 'pause', 'unknown'], 'SCHEDULE_UNKNOWN'],
  [['show', '4711'], 'EXECUTION_ID_INVALID'],
  [['show', '018f4c1e-7b1a-7c3e-9d2b-000000000001'], 'EXECUTION_UNKNOWN'],
])('%j is refused: %s', async (args, code) => {
  await expect(task(...args)).rejects.toMatchObject({ code })
})

test('a task that does not exist is wrong usage that names those that do', async () => {
  await expect(task('run', 'triple')).rejects.toMatchObject({
    code: 'TASK_UNKNOWN',
    message: expect.stringContaining('flaky'),
  })
})
