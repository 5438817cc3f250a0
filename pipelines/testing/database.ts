import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { inject } from 'vitest'
import { CodedError } from '#pipelines/kernel/errors.ts'
import type { Closable } from '#pipelines/kernel/lifecycle.ts'
import { randomName } from './names.ts'

export interface TestDatabase extends Closable {
  readonly url: string
  readonly name: string
  readonly pool: pg.Pool
}

export interface TestDatabaseOptions {
  /** Folders with numbered `.sql` files, run in order of their names. */
  readonly migrations?: string | readonly string[]
  readonly maxConnections?: number
}

/**
 * A new, empty database of this test alone. `close` drops it.
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
  const pool = new pg.Pool({ connectionString: url, max: maxConnections, application_name: 'test' })
  pool.on('error', () => {}) // without a listener a restart of PostgreSQL ends the process
  for (const folder of [migrations].flat()) await migrate(pool, folder)
  return { url, name, pool, close: () => dropDatabase(server.href, name, pool) }
}

async function migrate(pool: pg.Pool, folder: string) {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.sql')).sort()
  for (const file of files) await pool.query(await readFile(join(folder, file), 'utf8'))
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
