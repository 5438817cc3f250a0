import { expect, test } from 'vitest'
import { newId } from '#pipelines/kernel/ids.ts'
import { migrateTasks } from '#pipelines/tasks/run/program.ts'
import { setSchedule } from '#pipelines/tasks/schedules/change.ts'
import { type TestDatabase, testDatabase } from '#pipelines/testing/database.ts'
import type { LogRecord } from '../oracle/evidence.ts'
import { wrongDueTimes } from './due-times.ts'

/** A run that a schedule made an hour ago and that ended well, with what is said otherwise. */
async function ran(db: TestDatabase, otherwise: Readonly<Record<string, string>> = {}): Promise<string> {
  const id = newId()
  const row = {
    ...{
      task_name: `'tick'`,
      status: `'SUCCEEDED'`,
      trigger: `'SCHEDULE'`,
      schedule_name: `'tick'`,
      arguments: `'{}'`,
    },
    ...{ due_at: `now() - interval '1 hour'`, not_before: `now() - interval '1 hour'` },
    ...{ requested_at: `now() - interval '59 minutes'`, started_at: `now() - interval '58 minutes'` },
    ...{ ended_at: `now() - interval '57 minutes'` },
    ...otherwise,
  }
  await db.query(
    `insert into executions (execution_id, run_id, ${Object.keys(row).join(', ')}) values ($1, $1, ${Object.values(row).join(', ')})`,
    [id],
  )
  return id
}

const told = (executionId: string, version = 1) =>
  ({ topic: 'task-executions', value: { executionId, version } }) as unknown as LogRecord

/** A schedule of a minute that is made now, and that nobody runs. */
const everyMinute = (db: TestDatabase) =>
  setSchedule(db, { name: 'tick', taskName: 'tick', everyMs: 60_000 }, { actor: 'test' })

const WRONGS: readonly (readonly [what: string, wrong: (db: TestDatabase) => Promise<unknown>, finding: RegExp])[] = [
  [
    'a due time that was run twice',
    async (db) => {
      await db.query('drop index executions_by_due_time')
      for (const _ of [1, 2]) await ran(db, { due_at: `timestamptz '2026-01-01'` })
    },
    /^twice: tick at 2026/,
  ],
  ['a run on record before it was due', (db) => ran(db, { due_at: `now() - interval '58 minutes'` }), /^early: /],
  [
    'a run that began before it was due',
    (db) => ran(db, { due_at: `now() - interval '59 minutes'`, started_at: `now() - interval '60 minutes'` }),
    /^early: /,
  ],
  [
    'a due time that nobody knows of',
    async (db) => {
      await everyMinute(db)
      await db.query(`update schedules set next_due_at = next_due_at + interval '2 minutes', paused_at = now()`)
    },
    /^unexplained: tick: 2 due times, 0 on record, 0 missed$/,
  ],
  [
    'a run that does not end',
    (db) => ran(db, { status: `'QUEUED'`, started_at: 'null', ended_at: 'null' }),
    /^open: tick .* is QUEUED$/,
  ],
  ['a schedule of which nothing succeeds', (db) => everyMinute(db), /^silent: tick$/],
  [
    'a change that waits to be told',
    async (db) => {
      await ran(db)
      await db.query(`update execution_changes set changed_at = now() - interval '1 minute'`)
    },
    /^unpublished: execution_changes$/,
  ],
]

test.each(WRONGS)('%s is found', async (_what, wrong, finding) => {
  await using db = await testDatabase()
  await migrateTasks(db)
  await wrong(db)
  const found = await wrongDueTimes(db.url, { records: [], endedBeforeMs: 0 })
  expect(found).toHaveLength(1)
  expect(found[0]).toMatch(finding)
})

test('a change that was never told is found, and one that was is not', async () => {
  await using db = await testDatabase()
  await migrateTasks(db)
  const [right, wrong] = [await ran(db), await ran(db, { due_at: `now() - interval '90 minutes'`, version: '2' })]
  await db.query('delete from execution_changes')
  const records = [told(right), told(wrong, 1)]
  expect(await wrongDueTimes(db.url, { records, endedBeforeMs: Date.now() })).toEqual([`untold: ${wrong} 2`])
  expect(await wrongDueTimes(db.url, { records: [...records, told(wrong, 2)], endedBeforeMs: Date.now() })).toEqual([])
})
