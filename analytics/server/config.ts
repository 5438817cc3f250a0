import { readConfig, Type } from '#pipelines/kernel/config.ts'
import { UsageError } from '#pipelines/kernel/errors.ts'
import type { Role } from './access.ts'

const Schema = Type.Object({
  host: Type.String({ default: '127.0.0.1', description: 'address to listen on' }),
  port: Type.Integer({ env: 'CLICKHOUSE_PORT', default: 8123, minimum: 0, maximum: 65_535 }),
  dataDir: Type.String({ env: 'CLICKHOUSE_DATA_DIR', minLength: 1, description: 'the folder that holds the data' }),
  admin: Type.String({ env: 'CLICKHOUSE_USER', default: 'default', minLength: 1 }),
  adminPassword: Type.String({ env: 'CLICKHOUSE_PASSWORD', default: '' }),
  ingest: Type.String({ env: 'CLICKHOUSE_INGEST_USER', default: 'ingest', minLength: 1 }),
  ingestPassword: Type.String({ env: 'CLICKHOUSE_INGEST_PASSWORD', default: '' }),
  analyst: Type.String({ env: 'CLICKHOUSE_ANALYST_USER', default: 'analyst', minLength: 1 }),
  analystPassword: Type.String({ env: 'CLICKHOUSE_ANALYST_PASSWORD', default: '' }),
  passwordless: Type.Boolean({
    env: 'CLICKHOUSE_PASSWORDLESS',
    default: false,
    description: 'users without a password in the environment are let in without one; on the loopback address only',
  }),
  published: Type.String({
    env: 'CLICKHOUSE_PUBLISHED',
    default: 'eshop',
    pattern: '^(\\*|\\w+)(,\\w+)*$',
    description: 'databases that analysts may read, separated by commas; * for all but those that end in _store',
  }),
  maxBodyBytes: Type.Integer({
    env: 'CLICKHOUSE_MAX_BODY_BYTES',
    default: 1024 * 1024 * 1024,
    description: 'bytes of one insert as sent',
  }),
  logLevel: Type.String({ env: 'LOG_LEVEL', default: 'info' }),
})

export interface ServerConfig {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  readonly dataDir: string
  /** A role without an entry has nobody in it. */
  readonly users: Readonly<Partial<Record<Role, Credentials>>>
  readonly published: readonly string[]
  readonly maxBodyBytes: number
  readonly logLevel: string
}

export interface Credentials {
  readonly name: string
  /** Empty: no password is asked for. Only ever on the loopback address, and only if that was asked for. */
  readonly password: string
}

const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost'])

/**
 * A user without a password in the environment does not exist, unless the server is told to do without (`CLICKHOUSE_PASSWORDLESS`).
 * @throws UsageError for bad values, when nobody could ever sign in, and for doing without passwords where others can reach it
 */
export function readServerConfig(environment: NodeJS.ProcessEnv = process.env): ServerConfig {
  const { admin, adminPassword, ingest, ingestPassword, analyst, analystPassword, passwordless, published, ...rest } =
    readConfig(Schema, environment)
  if (passwordless && !LOOPBACK.has(rest.host))
    throw new UsageError(
      'PASSWORD_REQUIRED',
      `HOST ${rest.host} can be reached by others: unset CLICKHOUSE_PASSWORDLESS and set CLICKHOUSE_PASSWORD, CLICKHOUSE_INGEST_PASSWORD and CLICKHOUSE_ANALYST_PASSWORD`,
    )
  const user = (name: string, password: string) => (password !== '' || passwordless ? { name, password } : undefined)
  const users = {
    admin: user(admin, adminPassword),
    ingest: user(ingest, ingestPassword),
    analyst: user(analyst, analystPassword),
  }
  if (!Object.values(users).some(Boolean))
    throw new UsageError(
      'PASSWORD_REQUIRED',
      'nobody could sign in: set CLICKHOUSE_PASSWORD, CLICKHOUSE_INGEST_PASSWORD or CLICKHOUSE_ANALYST_PASSWORD, or, on your own machine, CLICKHOUSE_PASSWORDLESS=true',
    )
  return { ...rest, users: definedOf(users), published: published.split(',') }
}

function definedOf(users: Readonly<Record<Role, Credentials | undefined>>): Partial<Record<Role, Credentials>> {
  return Object.fromEntries(Object.entries(users).filter(([, user]) => user)) as Partial<Record<Role, Credentials>>
}
