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
  /** Whose database was asked anything by the services since this was cleared. */
  readonly used: Set<PartName>
  /** Asks a database on the side, on a connection of its own: the JSON in the column `read` of the one row. */
  read(part: PartName, statement: string, values: readonly unknown[]): Promise<unknown>
  /** Deletes what the runs so far have left, so that the next ones are as quick as the first. */
  empty(): Promise<void>
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
  const used = new Set<PartName>()
  const opened = await Promise.all(
    PARTS.map(async (part) => {
      const url = new URL(`/${name}_${part}`, serverUrl).href
      const database = openDatabase({
        url,
        maxConnections: 6,
        name: `simulation-${part}`,
        log: silentLog,
        statementMs: 120_000,
      })
      await migrate(database, [...LIBRARIES, ...MIGRATIONS[part]])
      const relay = noting(await openRelayConnection(database), () => used.add(part))
      const aside = new pg.Client({ connectionString: url })
      aside.on('error', () => {})
      await aside.connect()
      return { part, database: noting(database, () => used.add(part)), relay, aside, tables: await tablesIn(aside) }
    }),
  )
  const of = Object.fromEntries(opened.map((one) => [one.part, one])) as Record<PartName, (typeof opened)[number]>
  return {
    codec: await sampleCodec(),
    databases: Object.fromEntries(opened.map(({ part, database }) => [part, database])) as Lane['databases'],
    relays: Object.fromEntries(opened.map(({ part, relay }) => [part, relay])) as Lane['relays'],
    used,
    async read(part, text, values) {
      return (await of[part].aside.query({ name: 'read', text, values: [...values] })).rows[0]?.read
    },
    async empty() {
      await Promise.all(opened.map(({ aside, tables }) => aside.query(`truncate ${tables}`)))
    },
    async close() {
      for (const { database, relay, aside } of opened) {
        relay.end()
        await aside.end()
        await database.close()
      }
      await onServer(
        serverUrl,
        PARTS.map((part) => `drop database if exists ${name}_${part} with (force)`),
      )
    },
  }
}

/** The same, with every question and transaction noted. */
function noting<T extends { query: unknown; transaction?: unknown }>(asked: T, note: () => void): T {
  return new Proxy(asked, {
    get(target, name) {
      if (name === 'query' || name === 'transaction') note()
      return Reflect.get(target, name)
    },
  })
}

/** All but the list of migrations, as `truncate` wants them. */
async function tablesIn(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables
     where schemaname not in ('pg_catalog', 'information_schema') and tablename not like '%migrations%'`,
  )
  return rows.map(({ name }) => name).join(', ')
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
