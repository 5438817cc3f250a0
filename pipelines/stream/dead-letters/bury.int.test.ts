import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { claim, inboxMigrations } from '#pipelines/inbox/inbox.ts'
import { newId } from '#pipelines/kernel/ids.ts'
import { type TestDatabase, testDatabase } from '#pipelines/testing/database.ts'
import { countAttempt } from '../consumer/attempts.ts'
import { consumerMigrations } from '../consumer/consumer.ts'
import { bury } from './bury.ts'

const record = {
  topic: 'orders',
  partition: 1,
  offset: '7',
  key: 'a',
  value: Buffer.from([1]),
  headers: {},
  timestamp: 1_700_000_000_000,
}
const reason = { code: 'RETRY_ASKED', reason: 'not yet', stack: undefined }

describe('burying a record', () => {
  let database: TestDatabase
  beforeEach(async () => {
    database = await testDatabase({ migrations: [inboxMigrations, consumerMigrations] })
  })
  afterEach(() => database.close())
  const event = { eventId: newId(), type: 'OrderStarted' }
  const deadLetters = () => database.query('select event_id, code from dead_letters')
  const buryIt = (more: object = {}) =>
    bury(database, { consumer: 'basket', record, reason, attempts: 5, event, ...more })

  it('keeps it once, however often, and notes its event as dead', async () => {
    expect(await buryIt()).toBe(true)
    await buryIt()
    await buryIt({ record: { ...record, offset: '8' } }) // sent again by a relay that lost the answer
    expect(await deadLetters()).toEqual([{ event_id: event.eventId, code: 'RETRY_ASKED' }])
    expect(await database.query('select state from inbox')).toEqual([{ state: 'DEAD' }])
  })

  it('leaves alone what the partition’s new owner has handled meanwhile, and forgets its attempts', async () => {
    await countAttempt(database, 'basket', record, 5)
    await database.transaction((tx) => claim(tx, 'basket', event.eventId))
    expect(await buryIt()).toBe(false)
    expect(await deadLetters()).toEqual([])
    expect(await database.query('select state from inbox')).toEqual([{ state: 'DONE' }])
    expect(await database.query('select * from consumer_attempts')).toEqual([])
  })

  it('keeps what cannot be decoded once for each position', async () => {
    await buryIt({ event: undefined })
    await buryIt({ event: undefined })
    await buryIt({ event: undefined, record: { ...record, offset: '8' } })
    expect((await deadLetters()).length).toBe(2)
    expect(await database.query('select * from inbox')).toEqual([])
  })
})
