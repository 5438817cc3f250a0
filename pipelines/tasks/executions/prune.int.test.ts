import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { newId } from '#pipelines/kernel/ids.ts'
import { silentLog } from '#pipelines/kernel/log.ts'
import { type TestDatabase, testDatabase } from '#pipelines/testing/database.ts'
import { tasksMigrations } from '../program.ts'
import { runTask } from '../run-task.ts'
import { defineTask, noArguments } from '../task.ts'
import { pruneExecutions } from './prune.ts'

let db: TestDatabase
beforeAll(async () => {
  db = await testDatabase({ migrations: [tasksMigrations] })
})
afterAll(() => db.close())
beforeEach(() => db.query('truncate executions'))

async function executed(daysAgo: number, status: string, { task = 'clean', parent = null as string | null } = {}) {
  const id = newId()
  await db.query(
    `insert into executions (execution_id, task_name, status, trigger, arguments, heartbeat_ms, parent_id, requested_at)
     values ($1, $2, $3, 'SCHEDULE', '{}', 5000, $4, now() - $5 * interval '1 day')`,
    [id, task, status, parent, daysAgo],
  )
  return id
}
const kept = async () =>
  (await db.query<{ id: string }>('select execution_id as id from executions')).map(({ id }) => id)

test('what finished more than 14 days ago goes, what is newer stays', async () => {
  await executed(15, 'SUCCEEDED')
  await executed(15, 'FAILED')
  await executed(15, 'LOST')
  const stay = [await executed(13, 'FAILED'), await executed(1, 'SUCCEEDED')]
  expect(await pruneExecutions(db)).toBe(3)
  expect((await kept()).sort()).toEqual(stay.sort())
})

test('a run that is not finished and the last success of each task stay, however old', async () => {
  const stay = [
    await executed(90, 'RUNNING'),
    await executed(90, 'QUEUED'),
    await executed(80, 'SUCCEEDED'),
    await executed(90, 'SUCCEEDED', { task: 'other' }),
  ]
  await executed(85, 'SUCCEEDED')
  await executed(70, 'FAILED')
  expect(await pruneExecutions(db)).toBe(2)
  expect((await kept()).sort()).toEqual(stay.sort())
})

test('a run goes after its children', async () => {
  const parent = await executed(20, 'FAILED')
  const child = await executed(19, 'FAILED', { parent })
  expect(await pruneExecutions(db)).toBe(1)
  expect(await kept()).toEqual([parent])
  expect(await pruneExecutions(db)).toBe(1)
  expect(child).not.toBe(parent)
})

test('never more at once than its limit, the oldest first', async () => {
  await executed(30, 'FAILED')
  const younger = await executed(20, 'FAILED')
  expect(await pruneExecutions(db, { limit: 1 })).toBe(1)
  expect(await kept()).toEqual([younger])
})

test('every run of any task prunes', async () => {
  const old = await executed(20, 'FAILED')
  const task = defineTask({ name: 'any', arguments: noArguments, run: async () => undefined })
  const outside = { registry: { any: async () => ({ task }) }, database: db, log: silentLog }
  await runTask({ name: 'any' }, { ...outside, signal: new AbortController().signal })
  expect(await kept()).not.toContain(old)
})
