import { expect, test } from 'vitest'
import { HOUR } from '#pipelines/kernel/clock.ts'
import type { Database } from '#pipelines/kernel/database.ts'
import { testDatabase } from '#pipelines/testing/database.ts'
import { migrateTasks } from '../run/program.ts'
import { testClock } from '../testing/clock.ts'
import { manyDueTimes } from '../testing/many-due-times.ts'
import { setSchedule } from './change.ts'
import { fireDue } from './fire.ts'

const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 1e9))

/** The small one; the large one is services/integrity/tasks. */
test('two schedulers and workers, killed at random, wrong clocks, the database’s clock jumping an hour ahead: each due time is run once, none early, none lost', async () => {
  await using db = await testDatabase()
  await migrateTasks(db)
  const outcome = await manyDueTimes(db, {
    ...{ dueTimes: 500, schedules: 3, everyMs: 30_000, schedulers: 2, workers: 3, speed: 100, killEveryMs: 700 },
    ...{ jumps: [{ at: 30, byMs: HOUR }], seed: SEED, withinMs: 100_000 },
  })
  expect(outcome, `seed ${SEED}`).toMatchObject({ lost: 0, twice: 0, early: 0, succeededTwice: 0 })
  expect(outcome.fired).toBeGreaterThanOrEqual(500)
  expect(outcome.kills).toBeGreaterThan(2)
  expect(outcome.statuses, `seed ${SEED}`).toEqual({ SUCCEEDED: outcome.fired })
})

test('a clock that is set back while a due time is fired: it is on record as fired when it was due', async () => {
  await using db = await testDatabase()
  await migrateTasks(db)
  const clock = await testClock(db)
  await setSchedule(db, { name: 'tick', taskName: 'tick', everyMs: HOUR, overlap: 'ALLOW' }, { actor: 'test' })
  await clock.jump(HOUR)
  const setBack: Database = {
    ...db,
    transaction: (work) =>
      db.transaction(async (tx) => {
        const query: typeof tx.query = async (text, values) => {
          if (text.startsWith('insert into executions')) await clock.jump(-HOUR)
          return await tx.query(text, values)
        }
        return await work({ ...tx, query })
      }),
  }
  expect(await fireDue(setBack, () => undefined)).toMatchObject({ fired: 1 })
  expect(await db.query('select requested_at < due_at as early from executions')).toEqual([{ early: false }])
})
