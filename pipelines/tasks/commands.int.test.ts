import type { Command } from 'commander'
import Type from 'typebox'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type TestDatabase, testDatabase } from '#pipelines/testing/database.ts'
import { taskCommand } from './commands.ts'
import { defineTask } from './task.ts'

const double = defineTask({
  name: 'double',
  arguments: Type.Object({ n: Type.Integer() }),
  run: async ({ arguments: { n } }) => ({ n: 2 * n }),
})

let db: TestDatabase
let printed = ''

beforeEach(async () => {
  db = await testDatabase()
  printed = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text)
    return true
  })
})
afterEach(async () => {
  vi.restoreAllMocks()
  process.exitCode = 0
  await db.close()
})

/** `eshop task …` on the test's database. Answers the exit code the process would have. */
async function task(...args: string[]): Promise<typeof process.exitCode> {
  const silence = (command: Command): Command => {
    command.commands.forEach(silence)
    return command.exitOverride().configureOutput({ writeErr: () => {} })
  }
  const registry = { double: async () => ({ task: double }) }
  const command = silence(taskCommand(registry, { TASKS_DATABASE_URL: db.url, LOG_LEVEL: 'silent' }))
  await command.parseAsync(args, { from: 'user' })
  return process.exitCode
}

test('run prints what became of it, executions shows it', async () => {
  expect(await task('run', 'double', '--args', '{"n": 21}', '--json')).toBe(0)
  const finished = JSON.parse(printed)
  expect(finished).toMatchObject({ status: 'SUCCEEDED', result: { n: 42 } })
  printed = ''
  await task('executions', '--task', 'double', '--json')
  expect(JSON.parse(printed)).toMatchObject({
    executionId: finished.executionId,
    trigger: 'MANUAL',
    arguments: { n: 21 },
  })
  printed = ''
  await task('executions')
  expect(printed).toMatch(/double +SUCCEEDED +0 +\d+ ms/)
})

test('the exit code is that of the run', async () => {
  expect(await task('run', 'double', '--args', '{"n": "x"}')).toBe(2)
  expect(printed).toMatch(/^double FAILED: bad arguments for double: \/n must be integer/)
})

test('nothing has run yet', async () => {
  await task('executions')
  expect(printed).toBe('nothing has run yet\n')
})

test.each([
  [['run', 'double', '--args', '{n: 1}']],
  [['run', 'double', '--args', '[1]']],
  [['run', 'double', '--trigger', 'WISH']],
  [['executions', '--limit', '0']],
])('%j is refused as wrong usage', async (args) => {
  await expect(task(...args)).rejects.toMatchObject({ code: 'commander.invalidArgument' })
})

test('a task that does not exist is wrong usage that names those that do', async () => {
  await expect(task('run', 'triple')).rejects.toMatchObject({
    code: 'TASK_UNKNOWN',
    message: expect.stringContaining('double'),
  })
})
