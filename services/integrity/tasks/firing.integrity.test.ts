import { expect, test } from 'vitest'
import { HOUR } from '#pipelines/kernel/clock.ts'
import { migrateTasks } from '#pipelines/tasks/run/program.ts'
import { manyDueTimes } from '#pipelines/tasks/testing/many-due-times.ts'
import { testDatabase } from '#pipelines/testing/database.ts'

const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 1e9))
const DUE_TIMES = 10_000

test('two schedulers and twenty workers, killed at random, each with a wrong clock, the database’s clock jumping an hour ahead and back: 10,000 due times are run once each, none early, none lost', async () => {
  await using db = await testDatabase()
  await migrateTasks(db)
  const outcome = await manyDueTimes(db, {
    ...{ dueTimes: DUE_TIMES, schedules: 10, everyMs: 10_000, schedulers: 2, workers: 20, speed: 60, killEveryMs: 500 },
    jumps: [
      { at: 1_000, byMs: HOUR },
      { at: 7_000, byMs: -HOUR },
    ],
    ...{ seed: SEED, withinMs: 1_500_000 },
  })
  console.log(`seed ${SEED}:`, outcome)
  expect(outcome, `seed ${SEED}`).toMatchObject({ lost: 0, twice: 0, early: 0, succeededTwice: 0 })
  expect(outcome.fired).toBeGreaterThanOrEqual(DUE_TIMES)
  expect(outcome.statuses, `seed ${SEED}`).toEqual({ SUCCEEDED: outcome.fired })
})
