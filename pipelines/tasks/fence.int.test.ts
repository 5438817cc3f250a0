import { afterAll, beforeAll, expect, test } from 'vitest'
import { pause } from '#pipelines/kernel/lifecycle.ts'
import { silentLog } from '#pipelines/kernel/log.ts'
import { type TestDatabase, testDatabase } from '#pipelines/testing/database.ts'
import { fence, fenceMigrations } from './fence.ts'
import { migrateTasks } from './run/program.ts'
import { runTask } from './run/run-task.ts'
import { defineTask, type Lease, noArguments } from './task.ts'

let tasks: TestDatabase
let store: TestDatabase

beforeAll(async () => {
  tasks = await testDatabase()
  await migrateTasks(tasks)
  store = await testDatabase({ migrations: [fenceMigrations] })
  await store.query('create table written (by text not null)')
})
afterAll(async () => {
  await tasks.close()
  await store.close()
})

const write = (lease: Lease, by: string) =>
  store.transaction(async (tx) => {
    await fence(tx, 'exporter', lease)
    await tx.query('insert into written (by) values ($1)', [by])
  })

/** Runs the task that writes as the run named; `during` happens between its start and its write. */
function run(by: string, during: (executionId: string) => Promise<void>, heartbeatMs = 60_000) {
  const task = defineTask({
    name: 'exporter',
    arguments: noArguments,
    policy: { singleInstance: true },
    async run({ lease, executionId }) {
      await during(executionId)
      await write(lease, by)
    },
  })
  const registry = { exporter: async () => ({ task }) }
  const signal = new AbortController().signal
  return runTask({ taskName: 'exporter' }, { registry, database: tasks, log: silentLog, signal, heartbeatMs })
}

test('a run whose lock another has by now is refused by the store, though it knows nothing of it yet', async () => {
  const later = new AbortController()
  const begun = new AbortController()
  const early = run('early', async () => {
    begun.abort()
    await pause(60_000, later.signal)
  })
  await pause(60_000, begun.signal)
  // Its lock goes as it would with its connection, but nobody tells it.
  await tasks.query(
    `select pg_advisory_unlock_all(), pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and classid = 7106
     and database = (select oid from pg_database where datname = $1)`,
    [tasks.name],
  )
  expect(await run('late', async () => {})).toMatchObject({ status: 'SUCCEEDED' })
  later.abort()
  expect(await early).toMatchObject({ status: 'FAILED' })
  expect(await store.query('select by from written')).toEqual([{ by: 'late' }])
})

test('tokens alone refuse: an older run’s write that arrives late changes nothing', async () => {
  const lease = (token: number): Lease => ({ token, check: () => {} })
  await write(lease(1_000_001), 'second')
  await expect(write(lease(1_000_000), 'first')).rejects.toMatchObject({ code: 'LEASE_LOST' })
  await write(lease(1_000_001), 'second again')
  expect((await store.query<{ by: string }>(`select by from written where by <> 'late'`)).map(({ by }) => by)).toEqual([
    'second',
    'second again',
  ])
})

test('a run that gave no sign of life for two heartbeats does not even ask: the time is over by its own clock', async () => {
  const finished = await run(
    'too late',
    async () => {
      const until = performance.now() + 120
      while (performance.now() < until); // its heartbeats cannot go out
    },
    50,
  )
  expect(finished.status).toBe('FAILED')
  expect(await store.query(`select by from written where by = 'too late'`)).toEqual([])
})
