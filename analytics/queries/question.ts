import { randomUUID } from 'node:crypto'
import type { Readable } from 'node:stream'
import { type ClickHouseClient, ClickHouseError } from '@clickhouse/client'
import { CodedError, Unavailable } from '#pipelines/kernel/errors.ts'
import { exactNumbers } from './exact-numbers.ts'

/** A value of `{name:Type}`. Arrays are ClickHouse arrays. */
export type QuestionParameter = string | number | boolean | null | readonly (string | number | boolean | null)[]

/** SQL that somebody wrote, with its values and how much of an answer is wanted. */
export interface Question {
  readonly sql: string
  readonly parameters: Readonly<Record<string, QuestionParameter>>
  /** Rows answered at most; more are cut off and said so. */
  readonly maxRows: number
  /** Milliseconds of running time, whole seconds upwards. */
  readonly timeoutMs: number
  /** Who asks: ClickHouse counts and queues by it. */
  readonly asker: string
}

export interface AnsweredQuestion {
  readonly columns: { readonly name: string; readonly type: string }[]
  readonly rows: unknown[][]
  /** True when there were more rows than `maxRows`. */
  readonly truncated: boolean
  readonly statistics: { readonly elapsedMs: number; readonly rowsRead: number; readonly bytesRead: number }
}

/** ClickHouse refused or stopped a statement that its writer can change. */
export class QuestionRefused extends CodedError {
  /** ClickHouse's number: 62 for SYNTAX_ERROR, 159 for TIMEOUT_EXCEEDED, … */
  readonly number: number
  constructor(type: string, number: number, message: string, cause: unknown) {
    super(type, message, { cause, facts: { number } })
    this.number = number
  }
}

/** More than this is no answer that a page can show. */
const MOST_ANSWER_BYTES = 32 * 1024 * 1024

/** TOO_MANY_SIMULTANEOUS_QUERIES. */
const BUSY = '202'

/**
 * Asks what an analyst wrote, as the analyst: ClickHouse holds it to the published views and to its limits. An aborted signal stops it there.
 * @throws QuestionRefused for what its writer can change; Unavailable `CLICKHOUSE_BUSY`, `CLICKHOUSE_AWAY`
 */
export async function answer(db: ClickHouseClient, question: Question, signal: AbortSignal): Promise<AnsweredQuestion> {
  const { sql, parameters, maxRows, timeoutMs, asker } = question
  try {
    const { stream, response_headers } = await db.exec({
      query: sql,
      query_id: randomUUID(),
      query_params: { ...parameters },
      abort_signal: signal,
      clickhouse_settings: {
        default_format: 'JSONCompact',
        quota_key: asker,
        // One row more than asked for tells whether there are more.
        limit: String(maxRows + 1),
        max_execution_time: Math.ceil(timeoutMs / 1000),
        max_result_bytes: String(MOST_ANSWER_BYTES),
        result_overflow_mode: 'throw',
        output_format_json_quote_64bit_integers: 0,
        output_format_json_quote_denormals: 1,
        date_time_output_format: 'iso',
        cancel_http_readonly_queries_on_client_close: 1,
        wait_end_of_query: 1,
      } as Record<string, string | number>,
    })
    const body = await readUpTo(stream, MOST_ANSWER_BYTES)
    if (response_headers['x-clickhouse-format'] !== 'JSONCompact')
      throw new QuestionRefused(
        'FORMAT_GIVEN',
        36,
        'leave out FORMAT: the answer is JSON with columns and rows',
        undefined,
      )
    return shaped(body, maxRows)
  } catch (cause) {
    throw meaningOf(cause)
  }
}

/** ClickHouse counts a constant column once, however often it is written out: so its own limit alone would let gigabytes pass. */
async function readUpTo(stream: Readable, most: number): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > most)
      throw new QuestionRefused(
        'TOO_MANY_BYTES',
        307,
        `the answer has more than ${most} bytes: ask for less`,
        undefined,
      )
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

interface JsonCompact {
  readonly meta: AnsweredQuestion['columns']
  readonly data: unknown[][]
  readonly statistics?: { readonly elapsed: number; readonly rows_read: number; readonly bytes_read: number }
}

function shaped(body: string, maxRows: number): AnsweredQuestion {
  const { meta, data, statistics } = JSON.parse(body, exactNumbers) as JsonCompact
  return {
    columns: meta.map(({ name, type }) => ({ name, type })),
    rows: data.slice(0, maxRows),
    truncated: data.length > maxRows,
    statistics: {
      elapsedMs: Math.round((statistics?.elapsed ?? 0) * 1e6) / 1000,
      rowsRead: statistics?.rows_read ?? 0,
      bytesRead: statistics?.bytes_read ?? 0,
    },
  }
}

function meaningOf(cause: unknown): unknown {
  if (cause instanceof QuestionRefused) return cause
  if (!(cause instanceof ClickHouseError))
    return new Unavailable('CLICKHOUSE_AWAY', 'ClickHouse does not answer', { cause })
  if (cause.code === BUSY)
    return new Unavailable('CLICKHOUSE_BUSY', 'too many questions at once: ask again in a moment', { cause })
  return new QuestionRefused(cause.type ?? 'SQL_REFUSED', Number(cause.code), cause.message.trim(), cause)
}
