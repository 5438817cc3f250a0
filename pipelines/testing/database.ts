import pg from 'pg'
import { inject } from 'vitest'
import { type Database, openDatabase } from '#pipelines/kernel/database.ts'
import { CodedError } from '#pipelines/kernel/errors.ts'
import { migrate } from '#pipelines/kernel/migrations.ts'
import { randomName } from './names.ts'

export interface TestDatabase extends Database, AsyncDisposable {
  readonly url: string
  readonly name: string
}

export interface TestDatabaseOptions {
  /** Folders with numbered `.sql` files, applied as a service applies them. */
  readonly migrations?: string | readonly string[]
  readonly maxConnections?: number
}

/** Longer than a service waits: a machine that is busy with other tests must not fail this one. */
const STATEMENT_MS = 120_000

/**
 * A new, empty database of this test alone. `close` drops it; `await using` does so at the end of the block.
 * @throws CodedError `CONNECTIONS_LEAKED` from `close`, when the code under test left connections open
 */
export async function testDatabase({
  migrations = [],
  maxConnections = 10,
}: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const name = randomName('test')
  const server = new URL(inject('postgresUrl'))
  await onServer(server.href, (client) => client.query(`create database ${name}`))
  const url = new URL(`/${name}`, server).href
  const database = openDatabase({ url, maxConnections, name: 'test', statementMs: STATEMENT_MS })
  await migrate(database, [migrations].flat())
  const close = () => dropDatabase(server.href, name, database.pool)
  return { ...database, url, name, close, [Symbol.asyncDispose]: close }
}

async function dropDatabase(serverUrl: string, name: string, pool: pg.Pool) {
  const borrowed = pool.totalCount - pool.idleCount
  if (borrowed === 0 && !pool.ended) await pool.end() // else it would wait for ever
  const leaked = await onServer(serverUrl, async (client) => {
    const open = await openConnections(client, name)
    await client.query(`drop database if exists ${name} with (force)`)
    return open
  })
  if (leaked.length === 0 && borrowed === 0) return
  throw new CodedError('CONNECTIONS_LEAKED', `still open when ${name} was closed: ${leaked.join('; ') || borrowed}`)
}

/** What is connected, once those that are just closing are gone. */
async function openConnections(client: pg.Client, name: string): Promise<string[]> {
  for (let attempt = 1; ; attempt++) {
    const { rows } = await client.query<{ what: string }>(
      `select application_name || ' (' || coalesce(state, '-') || '): ' || left(query, 80) as what
       from pg_stat_activity where datname = $1 and backend_type = 'client backend'`,
      [name],
    )
    if (rows.length === 0 || attempt === 20) return rows.map(({ what }) => what)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

async function onServer<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}
