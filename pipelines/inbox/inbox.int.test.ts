import { afterAll, beforeAll, expect, test } from 'vitest'
import { newId } from '#pipelines/kernel/ids.ts'
import { type TestDatabase, testDatabase } from '#pipelines/testing/database.ts'
import { claim, claimDead, inboxMigrations, pruneInbox } from './inbox.ts'

let db: TestDatabase

beforeAll(async () => {
  db = await testDatabase({ migrations: [inboxMigrations] })
})
afterAll(() => db.close())

const WEEK_MS = 7 * 24 * 60 * 60_000

async function finished(consumer: string, { daysAgo, state = 'DONE' }: { daysAgo: number; state?: 'DONE' | 'DEAD' }) {
  const eventId = newId()
  await db.query(
    `insert into inbox (consumer, event_id, state, finished_at) values ($1, $2, $3, now() - $4 * interval '1 day')`,
    [consumer, eventId, state, daysAgo],
  )
  return eventId
}

async function left(consumer: string): Promise<string[]> {
  const rows = await db.query<{ event_id: string }>(
    'select event_id from inbox where consumer = $1 order by event_id',
    [consumer],
  )
  return rows.map(({ event_id }) => event_id)
}

test('an event is claimed once by each consumer, dead or done', async () => {
  const [first, second] = [newId(), newId()]
  await db.transaction(async (tx) => {
    expect(await claim(tx, 'one', first)).toBe(true)
    expect(await claim(tx, 'one', first)).toBe(false)
    expect(await claim(tx, 'other', first)).toBe(true)
    expect(await claimDead(tx, 'one', first)).toBe(false)
    expect(await claimDead(tx, 'one', second)).toBe(true)
    expect(await claim(tx, 'one', second)).toBe(false)
  })
})

test('pruning forgets what was done long ago, and nothing that is young, dead or of another consumer', async () => {
  await finished('pruned', { daysAgo: 8 })
  const dead = await finished('pruned', { daysAgo: 8, state: 'DEAD' })
  await finished('pruned', { daysAgo: 30 })
  const young = await finished('pruned', { daysAgo: 6 })
  const other = await finished('another', { daysAgo: 8 })
  expect(await pruneInbox(db, 'pruned', WEEK_MS)).toBe(false)
  expect(await left('pruned')).toEqual([dead, young])
  expect(await left('another')).toEqual([other])
})

test('pruning says that there may be more only when it took all it may', async () => {
  for (let i = 0; i < 3; i++) await finished('many', { daysAgo: 9 })
  expect(await pruneInbox(db, 'many', WEEK_MS, 2)).toBe(true)
  expect(await left('many')).toHaveLength(1)
  expect(await pruneInbox(db, 'many', WEEK_MS, 2)).toBe(false)
  expect(await left('many')).toEqual([])
})

test('pruning a table without statistics compares nothing row by row', async () => {
  // A join was planned as nested loops here, thousands of rows by the whole table: ten seconds of a core, every minute.
  const statements: { text: string; values: unknown[] }[] = []
  const spy = { pool: { query: async (text: string, values: unknown[]) => void statements.push({ text, values }) } }
  await pruneInbox(spy as never, 'many', WEEK_MS).catch(() => {})
  const [{ text, values } = { text: '', values: [] }] = statements
  await db.query(
    `insert into inbox (consumer, event_id) select 'large', gen_random_uuid() from generate_series(1, 20000)`,
  )
  const plan = await db.query<{ 'QUERY PLAN': string }>(`explain ${text}`, values)
  const lines = plan.map((row) => row['QUERY PLAN']).join('\n')
  expect(lines).toContain('Index')
  expect(lines).not.toMatch(/Nested Loop|Hash Join|Seq Scan/)
})
