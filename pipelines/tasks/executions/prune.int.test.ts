import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { newId } from '#pipelines/kernel/ids.ts'
import { type TestDatabase, testDatabase } from '#pipelines/testing/database.ts'
import { tasksMigrations } from '../run/program.ts'
import { pruneExecutions } from './prune.ts'

let db: TestDatabase
beforeAll(async () => {
  db = await testDatabase({ migrations: [tasksMigrations] })
})
afterAll(() => db.close())
beforeEach(() => db.query('truncate executions, execution_output'))

async function executed(daysAgo: number, status: string, { task = 'clean', parent = null as string | null } = {}) {
  const id = newId()
  await db.query(
    `insert into executions (execution_id, run_id, task_name, status, trigger, arguments, heartbeat_ms, parent_id, requested_at)
     values ($1, $1, $2, $3, 'SCHEDULE', '{}', 5000, $4, now() - $5 * interval '1 day')`,
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

test('of a task with a retention of its own goes what is beyond its number, but never its last success', async () => {
  const success = await executed(9, 'SUCCEEDED')
  await executed(8, 'FAILED')
  const stay = [
    await executed(2, 'FAILED'),
    await executed(1, 'FAILED'),
    await executed(5, 'FAILED', { task: 'other' }),
  ]
  expect(await pruneExecutions(db, { taskName: 'clean', count: 2 })).toBe(1)
  expect((await kept()).sort()).toEqual([success, ...stay].sort())
  expect(await pruneExecutions(db, { taskName: 'clean', ageMs: 1, count: 100 })).toBe(2)
  expect((await kept()).sort()).toEqual([success, stay[2]].sort())
})

test('an attempt stays while its run is not over', async () => {
  const first = await executed(30, 'FAILED')
  await db.query(
    `insert into executions (execution_id, run_id, task_name, status, trigger, arguments, attempt) values ($1, $2, 'clean', 'QUEUED', 'MANUAL', '{}', 2)`,
    [newId(), first],
  )
  expect(await pruneExecutions(db)).toBe(0)
})
