import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { newId } from '#pipelines/kernel/ids.ts'
import { type TestDatabase, testDatabase } from '#pipelines/testing/database.ts'
import { outboxMigrations } from './outbox.ts'
import { backlogOf, pruneSent } from './unsent.ts'

let database: TestDatabase
beforeEach(async () => {
  database = await testDatabase({ migrations: outboxMigrations })
})
afterEach(() => database.close())

/** A row that was committed, and sent, so many minutes ago. */
const row = (createdMinutes: number, sentMinutes?: number, slot = 0) =>
  database.query(
    `insert into outbox (slot, topic, key, event_id, event_type, payload, headers, created_at, sent_at)
     values ($1, 'orders', 'a', $2, 'OrderStarted', '', '{}', clock_timestamp() - $3 * interval '1 minute',
       clock_timestamp() - $4 * interval '1 minute')`,
    [slot, newId(), createdMinutes, sentMinutes],
  )
const left = async () => (await database.query<{ id: number }>('select id from outbox order by id')).map(({ id }) => id)

describe('pruning', () => {
  it('deletes what was sent long ago, never what is unsent', async () => {
    await row(60, 60)
    await row(60, 0)
    await row(60)
    expect(await pruneSent(database, 60_000)).toBeUndefined()
    expect(await left()).toEqual([2, 3])
  })

  it('goes on behind old rows that cannot be sent, a few rows at a time', async () => {
    for (let i = 0; i < 5; i++) await row(60)
    await row(50, 49)
    await row(40, 0) // sent just now, after a long wait
    await row(40, 39)
    await row(0)
    let rounds = 0
    for (let after: number | undefined = 0; after !== undefined; rounds++) {
      after = await pruneSent(database, 60_000, { after, rows: 2 })
    }
    expect(await left()).toEqual([1, 2, 3, 4, 5, 7, 9])
    expect(rounds).toBe(5)
  })

  it('looks no further than rows that are too young to have been sent long ago', async () => {
    await row(60, 60)
    await row(0, 0)
    await row(0, 0)
    expect(await pruneSent(database, 60_000, { rows: 2 })).toBeUndefined()
  })
})

describe('the backlog', () => {
  it('is empty when all is sent', async () => {
    await row(60, 50)
    expect(await backlogOf(database)).toEqual({ unsent: 0, oldestSeconds: 0 })
  })

  it('counts every slot, as far as its limit, and has the age of the oldest', async () => {
    await row(1, undefined, 0)
    await row(10, undefined, 7)
    await row(5, undefined, 15)
    await row(60, 50, 15)
    const { unsent, oldestSeconds } = await backlogOf(database)
    expect(unsent).toBe(3)
    expect(Math.round(oldestSeconds / 60)).toBe(10)
    expect((await backlogOf(database, 2)).unsent).toBe(2)
  })
})
