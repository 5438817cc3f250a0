import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { type ClickHouseClient, ClickHouseError, ClickHouseLogLevel, createClient } from '@clickhouse/client'
import { Unavailable, UsageError } from '#pipelines/kernel/errors.ts'
import { type Answer, asTable } from './table.ts'

export interface SqlOptions {
  readonly json?: boolean
  readonly csv?: boolean
  readonly url?: string
  readonly database?: string
}

/** Where the command reads and writes. Tests give their own. */
export interface Terminal {
  readonly input: NodeJS.ReadableStream
  readonly output: NodeJS.WritableStream & { readonly columns?: number }
  readonly environment: NodeJS.ProcessEnv
}

const here: Terminal = { input: process.stdin, output: process.stdout, environment: process.env }

/**
 * Runs one statement as the analyst and prints the answer: a table for people, or rows as they come for machines.
 * @throws UsageError for what ClickHouse refuses, Unavailable when it is away
 */
export async function runSql(statement: string, options: SqlOptions, terminal: Terminal = here): Promise<void> {
  if (options.json && options.csv) throw new UsageError('SQL_FORMAT', 'give either --json or --csv')
  const sql = (statement === '-' ? await text(terminal.input as NodeJS.ReadStream) : statement)
    .trim()
    .replace(/;+$/, '')
  if (sql === '') throw new UsageError('SQL_EMPTY', 'there is no statement')
  const { environment } = terminal
  const url = options.url ?? environment.CLICKHOUSE_URL ?? 'http://127.0.0.1:8123'
  const db = createClient({
    url,
    username: environment.CLICKHOUSE_ANALYST_USER ?? 'analyst',
    password: environment.CLICKHOUSE_ANALYST_PASSWORD ?? '',
    database: options.database ?? environment.CLICKHOUSE_DATABASE ?? 'eshop',
    request_timeout: 120_000,
    log: { level: ClickHouseLogLevel.OFF },
  })
  try {
    if (options.json || options.csv) await pour(db, sql, options.json ? 'JSONEachRow' : 'CSVWithNames', terminal.output)
    else terminal.output.write(asTable(JSON.parse(await collect(db, sql)) as Answer, terminal.output.columns))
  } catch (error) {
    if (error instanceof ClickHouseError)
      throw new UsageError(error.type ?? 'SQL_REFUSED', error.message.trim(), { cause: error })
    const hint = awayHint(error, url)
    if (hint === undefined) throw error
    throw new Unavailable('CLICKHOUSE_AWAY', hint, { cause: error })
  } finally {
    await db.close()
  }
}

/** Codes of a connection that was there and broke: ClickHouse restarts, or went away in the middle of an answer. */
const BROKEN: ReadonlySet<unknown> = new Set([
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ECONNABORTED',
  'ERR_STREAM_PREMATURE_CLOSE',
])
/** Codes of an address where nothing is. */
const NOTHING_THERE: ReadonlySet<unknown> = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH'])

/** What to tell a person when ClickHouse is away; undefined when the error is another. */
function awayHint(error: unknown, url: string): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (NOTHING_THERE.has(code)) return `nothing answers at ${url}: is the shop up? (npm start)`
  if (BROKEN.has(code))
    return `ClickHouse at ${url} broke off the connection: it may be restarting, ask again in a moment`
  return undefined
}

/** `default_format` leaves a FORMAT clause of the statement in its right. */
async function answerOf(db: ClickHouseClient, sql: string, format: string) {
  const formatted = { default_format: format } as Record<string, string>
  const { stream } = await db.exec({ query: sql, clickhouse_settings: formatted })
  return stream
}

async function pour(db: ClickHouseClient, sql: string, format: string, output: NodeJS.WritableStream) {
  for await (const chunk of await answerOf(db, sql, format))
    if (!output.write(chunk as Buffer)) await once(output, 'drain')
}

async function collect(db: ClickHouseClient, sql: string): Promise<string> {
  const answer = await text(await answerOf(db, sql, 'JSONCompact'))
  return answer.startsWith('{') ? answer : JSON.stringify({ meta: [], data: [], rows: 0, text: answer })
}
