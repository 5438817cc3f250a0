import pg from 'pg'
import { idempotencyMigrations } from '#pipelines/http/idempotency.ts'
import { inboxMigrations } from '#pipelines/inbox/inbox.ts'
import { type Database, openDatabase } from '#pipelines/kernel/database.ts'
import type { Closable } from '#pipelines/kernel/lifecycle.ts'
import { silentLog } from '#pipelines/kernel/log.ts'
import { migrate } from '#pipelines/kernel/migrations.ts'
import { outboxMigrations } from '#pipelines/outbox/outbox.ts'
import { openRelayConnection, type RelayConnection } from '#pipelines/outbox/relay-connection.ts'
import { consumerMigrations } from '#pipelines/stream/consumer/consumer.ts'
import { sampleCodec } from '#pipelines/stream/testing/sample-codec.ts'
import { randomName } from '#pipelines/testing/names.ts'
import type { Codec } from '#schemas/codec/codec.ts'
import { basketMigrations } from '#services/basket/migrations.ts'
import { catalogMigrations } from '#services/catalog/migrations.ts'
import { orderingMigrations } from '#services/ordering/app.ts'
import { paymentMigrations } from '#services/payment/migrations.ts'
import { PARTS, type PartName } from './scenario.ts'

/** Four real databases, one per service, for one run after the other. */
export interface Lane extends Closable {
  readonly codec: Codec
  readonly databases: Readonly<Record<PartName, Database>>
  /** What each relay reads and marks on. */
  readonly relays: Readonly<Record<PartName, RelayConnection>>
}

const MIGRATIONS: Readonly<Record<PartName, readonly string[]>> = {
  basket: basketMigrations,
  catalog: catalogMigrations,
  ordering: [orderingMigrations],
  payment: paymentMigrations,
}
const LIBRARIES = [outboxMigrations, inboxMigrations, consumerMigrations, idempotencyMigrations]

/** @param serverUrl of a PostgreSQL that may make databases */
export async function openLane(serverUrl: string): Promise<Lane> {
  const name = randomName('simulation')
  await onServer(
    serverUrl,
    PARTS.flatMap((part) => [
      `create database ${name}_${part}`,
      `alter database ${name}_${part} set synchronous_commit = off`,
    ]),
  )
  const opened = await Promise.all(
    PARTS.map(async (part) => {
      const database = openDatabase({
        url: new URL(`/${name}_${part}`, serverUrl).href,
        maxConnections: 6,
        name: `simulation-${part}`,
        log: silentLog,
        statementMs: 120_000,
      })
      await migrate(database, [...LIBRARIES, ...MIGRATIONS[part]])
      return [part, database, await openRelayConnection(database)] as const
    }),
  )
  return {
    codec: await sampleCodec(),
    databases: Object.fromEntries(opened.map(([part, database]) => [part, database])) as Lane['databases'],
    relays: Object.fromEntries(opened.map(([part, , relay]) => [part, relay])) as Lane['relays'],
    async close() {
      for (const [, database, relay] of opened) {
        relay.end()
        await database.close()
      }
      await onServer(
        serverUrl,
        PARTS.map((part) => `drop database if exists ${name}_${part} with (force)`),
      )
    },
  }
}

async function onServer(url: string, statements: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  try {
    for (const statement of statements) await client.query(statement)
  } finally {
    await client.end()
  }
}
