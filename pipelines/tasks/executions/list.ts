import type { Sql } from '#pipelines/kernel/database.ts'
import { SUMMARY, WHOLE } from './columns.ts'
import type { Execution, ExecutionStatus, ExecutionSummary } from './execution.ts'

export interface ExecutionFilter {
  readonly taskName?: string | undefined
  readonly status?: ExecutionStatus | undefined
  readonly scheduleName?: string | undefined
  /** Requested at this time or later. */
  readonly since?: Date | undefined
  /** Where the page before ended. */
  readonly before?: Position | undefined
  readonly limit: number
}

/** Where an execution stands in the list. A page needs more digits than a person: two requests may share a millisecond. */
export interface Position {
  /** Microseconds since the epoch. */
  readonly requestedAtUs: number
  readonly executionId: string
}

export type Listed = ExecutionSummary & { readonly position: Position }

/**
 * Executions, newest first. Walks along an index from where the page before ended, so a page costs the same wherever it stands. Only
 * the conditions that are asked for stand in the statement: a generic plan over all of them would use none of the indexes.
 */
export async function listExecutions(sql: Sql, filter: ExecutionFilter): Promise<readonly Listed[]> {
  const values: unknown[] = []
  const value = (given: unknown) => `$${values.push(given)}`
  const conditions = [
    filter.taskName !== undefined && `task_name = ${value(filter.taskName)}`,
    filter.status !== undefined && `status = ${value(filter.status)}`,
    filter.scheduleName !== undefined && `schedule_name = ${value(filter.scheduleName)}`,
    filter.since !== undefined && `requested_at >= ${value(filter.since)}::timestamptz`,
    filter.before !== undefined &&
      `(requested_at, execution_id) < (timestamptz 'epoch' + ${value(filter.before.requestedAtUs)}::float8 * interval '1 microsecond', ${value(filter.before.executionId)}::uuid)`,
  ].filter((condition) => condition !== false)
  const where = conditions.length > 0 ? `where ${conditions.join(' and ')}` : ''
  return sql.query<Listed & Record<string, unknown>>(
    `select ${SUMMARY}, json_build_object('requestedAtUs', (extract(epoch from requested_at) * 1000000)::bigint, 'executionId', execution_id) as position
     from executions ${where} order by requested_at desc, execution_id desc limit ${value(filter.limit)}`,
    values,
  )
}

/** The whole record, if there is one. */
export async function findExecution(sql: Sql, executionId: string): Promise<Execution | undefined> {
  const [row] = await sql.query<Execution & Record<string, unknown>>(
    `select ${WHOLE} from executions where execution_id = $1`,
    [executionId],
  )
  return row
}

/** The attempts of a run, first to last. */
export async function attemptsOf(sql: Sql, runId: string): Promise<readonly ExecutionSummary[]> {
  return sql.query<ExecutionSummary & Record<string, unknown>>(
    `select ${SUMMARY} from executions where run_id = $1 order by attempt, requested_at`,
    [runId],
  )
}

/** What a run started itself, newest first, at most 100. */
export async function childrenOf(sql: Sql, executionId: string): Promise<readonly ExecutionSummary[]> {
  return sql.query<ExecutionSummary & Record<string, unknown>>(
    `select ${SUMMARY} from executions where parent_id = $1 order by requested_at desc limit 100`,
    [executionId],
  )
}
