import { type ClickHouseClient, ClickHouseError } from '@clickhouse/client'
import { CodedError, Unavailable } from '#pipelines/kernel/errors.ts'

export type Parameters = Readonly<
  Record<string, string | number | boolean | Date | null | readonly string[] | readonly number[]>
>

/** Errors that pass by themselves: too slow, too busy, out of memory. */
const PASSING = new Set(['159', '160', '202', '241'])

/**
 * Asks a question in SQL. Values come as parameters (`{name:Type}`), never as text within it.
 * @throws Unavailable while ClickHouse is away or overloaded, CodedError `QUESTION_FAILED` when the question itself is wrong
 */
export async function ask<Row>(db: ClickHouseClient, query: string, parameters: Parameters = {}): Promise<Row[]> {
  try {
    const answer = await db.query({ query, query_params: { ...parameters }, format: 'JSONEachRow' })
    return await answer.json<Row>()
  } catch (cause) {
    if (cause instanceof ClickHouseError && !PASSING.has(cause.code)) {
      throw new CodedError('QUESTION_FAILED', `ClickHouse refused a question of ours (${cause.type})`, { cause })
    }
    const code = cause instanceof ClickHouseError ? 'CLICKHOUSE_BUSY' : 'CLICKHOUSE_AWAY'
    throw new Unavailable(code, 'ClickHouse does not answer', { cause })
  }
}

/** A span of time, open where it is not given: `from` belongs to it, `to` does not. */
export interface Span {
  readonly from?: Date | undefined
  readonly to?: Date | undefined
}

/** The condition that a column lies in the span of {@link spanParameters}. */
export function within(column: string): string {
  return `${column} >= {from:DateTime64(3, 'UTC')} AND ${column} < {to:DateTime64(3, 'UTC')}`
}

/** The orders that something happened to in the span of {@link spanParameters} or after it: what lies before is not read. */
export function ordersIn(): string {
  return "orders_since(since = {from:DateTime64(3, 'UTC')})"
}

export function spanParameters({ from, to }: Span): Parameters {
  return { from: from ?? new Date(0), to: to ?? new Date(Date.UTC(2200, 0, 1)) }
}
