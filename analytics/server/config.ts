import { readConfig, Type } from '#pipelines/kernel/config.ts'
import { UsageError } from '#pipelines/kernel/errors.ts'

const Schema = Type.Object({
  host: Type.String({ default: '127.0.0.1', description: 'address to listen on' }),
  port: Type.Integer({ env: 'CLICKHOUSE_PORT', default: 8123, minimum: 0, maximum: 65_535 }),
  dataDir: Type.String({ env: 'CLICKHOUSE_DATA_DIR', minLength: 1, description: 'the folder that holds the data' }),
  writer: Type.String({ env: 'CLICKHOUSE_USER', default: 'default', minLength: 1 }),
  writerPassword: Type.String({ env: 'CLICKHOUSE_PASSWORD', default: '' }),
  analyst: Type.String({ env: 'CLICKHOUSE_ANALYST_USER', default: 'analyst', minLength: 1 }),
  analystPassword: Type.String({ env: 'CLICKHOUSE_ANALYST_PASSWORD', default: '' }),
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
  readonly writer: Credentials
  readonly analyst: Credentials
  readonly maxBodyBytes: number
  readonly logLevel: string
}

export interface Credentials {
  readonly name: string
  /** Empty: no password is asked for. Only ever on a loopback address. */
  readonly password: string
}

const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost'])

/** @throws UsageError for bad values, and for an address others can reach without a password for each user */
export function readServerConfig(environment: NodeJS.ProcessEnv = process.env): ServerConfig {
  const { writer, writerPassword, analyst, analystPassword, ...rest } = readConfig(Schema, environment)
  if (!LOOPBACK.has(rest.host) && (writerPassword === '' || analystPassword === '')) {
    throw new UsageError(
      'PASSWORD_REQUIRED',
      `HOST ${rest.host} can be reached by others: set CLICKHOUSE_PASSWORD and CLICKHOUSE_ANALYST_PASSWORD`,
    )
  }
  return {
    ...rest,
    writer: { name: writer, password: writerPassword },
    analyst: { name: analyst, password: analystPassword },
  }
}
