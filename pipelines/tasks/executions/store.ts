import { hostname } from 'node:os'
import type { Sql } from '#pipelines/kernel/database.ts'
import type { Ending, Execution, Trigger } from './execution.ts'

export interface Beginning {
  readonly executionId: string
  readonly taskName: string
  readonly trigger: Trigger
  readonly arguments: unknown
  readonly heartbeatMs: number
  readonly attempt?: number | undefined
  readonly parentId?: string | undefined
}

/** Puts a run of this process on record as RUNNING. */
export async function recordStart(sql: Sql, beginning: Beginning): Promise<void> {
  const { executionId, taskName, trigger, heartbeatMs, attempt = 1, parentId = null } = beginning
  await sql.query(
    `insert into executions (
       execution_id, task_name, status, trigger, attempt, parent_id, arguments, started_at, heartbeat_at, heartbeat_ms, host, pid)
     values ($1, $2, 'RUNNING', $3, $4, $5, $6::jsonb, now(), now(), $7, $8, $9)`,
    [
      executionId,
      taskName,
      trigger,
      attempt,
      parentId,
      JSON.stringify(beginning.arguments),
      heartbeatMs,
      hostname(),
      process.pid,
    ],
  )
}

/** Gives a sign of life. Answers false if the run is not RUNNING any more: somebody took it for LOST. */
export async function recordHeartbeat(sql: Sql, executionId: string): Promise<boolean> {
  const rows = await sql.query(
    `update executions set heartbeat_at = now() where execution_id = $1 and status = 'RUNNING' returning 1`,
    [executionId],
  )
  return rows.length === 1
}

/** Records the end of a run. Answers false, and records nothing, if the run is not RUNNING any more. */
export async function recordEnd(sql: Sql, executionId: string, ending: Ending): Promise<boolean> {
  const { status, exitCode, message, error, result } = ending
  const rows = await sql.query(
    `update executions set status = $2, exit_code = $3, message = $4, error = $5, result = $6::jsonb, ended_at = now(), heartbeat_at = now(),
       version = version + 1
     where execution_id = $1 and status = 'RUNNING' returning 1`,
    [executionId, status, exitCode, message, error, result === undefined ? null : JSON.stringify(result)],
  )
  return rows.length === 1
}

/** Marks runs LOST that have missed two heartbeats by the database's clock: their process was killed or hangs. Answers their ids. */
export async function markLost(sql: Sql): Promise<readonly string[]> {
  const rows = await sql.query<{ id: string }>(
    `update executions set status = 'LOST', ended_at = now(), version = version + 1,
       message = 'no sign of life since ' || to_char(heartbeat_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
     where status = 'RUNNING' and heartbeat_at < now() - heartbeat_ms * interval '2 milliseconds'
     returning execution_id as id`,
  )
  return rows.map(({ id }) => id)
}

export interface ExecutionFilter {
  readonly taskName?: string | undefined
  readonly limit: number
}

/** Executions, newest first. */
export async function listExecutions(sql: Sql, { taskName, limit }: ExecutionFilter): Promise<readonly Execution[]> {
  return sql.query<Execution & Record<string, unknown>>(
    `select execution_id as "executionId", task_name as "taskName", status, trigger, attempt, parent_id as "parentId", arguments, result,
       exit_code as "exitCode", message, error, ${iso('requested_at')} as "requestedAt", ${iso('started_at')} as "startedAt",
       ${iso('ended_at')} as "endedAt", ${iso('heartbeat_at')} as "heartbeatAt", host, pid
     from executions where $1::text is null or task_name = $1
     order by requested_at desc, execution_id desc limit $2`,
    [taskName ?? null, limit],
  )
}

function iso(column: string): string {
  return `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`
}
