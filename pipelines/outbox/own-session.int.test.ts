import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Database } from '#pipelines/kernel/database.ts'
import { type TestDatabase, testDatabase } from '#pipelines/testing/database.ts'
import { outboxMigrations } from './outbox.ts'
import { openRelayConnection, type RelayConnection } from './relay-connection.ts'
import { slotLocks } from './slot-locks.ts'

let database: TestDatabase
beforeEach(async () => {
  database = await testDatabase({ migrations: outboxMigrations })
})
afterEach(() => database.close())

/** As through a pooler in transaction mode: each statement outside of a transaction on whichever connection to the server is free. */
const pooled = (): Database =>
  ({
    ...database,
    pool: {
      connect: async () => ({ query: database.pool.query.bind(database.pool), on() {}, off() {}, release() {} }),
    },
  }) as unknown as Database

it('a relay connection is refused behind a pooler that shares sessions', async () => {
  await expect(openRelayConnection(pooled())).rejects.toMatchObject({ code: 'RELAY_SESSION_SHARED' })
})

it('a relay connection of its own is taken', async () => {
  const connection = await openRelayConnection(database)
  const locks = await slotLocks(connection)
  await locks.balance()
  await locks.balance()
  expect(locks.held().length).toBe(16)
  connection.end()
})

it('a relay whose session is shared later on notices that its locks are not on its connection', async () => {
  const connection: RelayConnection = {
    lost: false,
    query: (_, text, values) => database.query(text, values),
    end() {},
  }
  const locks = await slotLocks(connection)
  const elsewhere = await database.pool.connect() // the one with the lock
  try {
    await expect(locks.balance()).rejects.toMatchObject({ code: 'RELAY_SESSION_SHARED' })
  } finally {
    elsewhere.release()
  }
})
