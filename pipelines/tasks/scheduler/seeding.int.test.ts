import { expect, test } from 'vitest'
import type { Database, Tx } from '#pipelines/kernel/database.ts'
import { Unavailable } from '#pipelines/kernel/errors.ts'
import { eventually } from '#pipelines/testing/eventually.ts'
import { startTestService } from '#pipelines/testing/service.ts'
import { loadCatalog } from '../catalog.ts'
import { findSchedule } from '../schedules/store.ts'
import { testRegistry } from '../testing/registry.ts'
import { createScheduler } from './app.ts'

/** A database that is away whenever this statement comes, so many times. */
function awayAt(database: Database, statement: string, times: number): Database {
  let left = times
  const query =
    (tx: Tx): Tx['query'] =>
    (text, values) => {
      if (!text.includes(statement) || left === 0) return tx.query(text, values)
      left -= 1
      throw new Unavailable('DATABASE_AWAY', 'the test says so')
    }
  return {
    ...database,
    transaction: (work, options) => database.transaction((tx) => work({ ...tx, query: query(tx) }), options),
  }
}

test('a database that is away for a moment at the start leaves no shop without its schedules', async () => {
  const catalog = await loadCatalog(testRegistry)
  const tasks = await startTestService((outside, http) => {
    const { url } = outside.database as unknown as { url: string }
    const settings = { databaseUrl: url, maxRunning: 2, niceness: 0, drainSeconds: 0 }
    const database = awayAt(outside.database, 'pg_advisory_xact_lock(7106003)', 2)
    return createScheduler({ ...outside, database }, settings, http, {
      catalog,
      schedules: [{ name: 'of-program', taskName: 'writes', everyMs: 3_600_000 }],
      program: ['pipelines/tasks/testing/claimed.ts'],
      environment: { ...process.env, TASKS_DATABASE_URL: url, LOG_LEVEL: 'silent', NODE_ENV: 'test' },
    })
  })
  try {
    const made = await eventually(() => findSchedule(tasks.database, 'of-program'), { withinMs: 20_000 })
    expect(made.schedule).toMatchObject({ taskName: 'writes', paused: false })
  } finally {
    await tasks.close()
  }
})
