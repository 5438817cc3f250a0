import { DAY } from '#pipelines/kernel/clock.ts'
import type { Sql } from '#pipelines/kernel/database.ts'

export interface Pruning {
  /** Milliseconds since the request, default 14 days. */
  readonly olderThanMs?: number
  /** At most so many, so that it never holds up a run. Default 100. */
  readonly limit?: number
}

/**
 * Deletes the oldest finished executions; answers how many. What stays, however old: a run that is not finished, the last success of
 * each task, and a run whose children are on record. A task that runs every few seconds would fill the table otherwise.
 */
export async function pruneExecutions(sql: Sql, { olderThanMs = 14 * DAY, limit = 100 }: Pruning = {}) {
  const deleted = await sql.query(
    `with old as materialized (
       select execution_id from executions e
       where requested_at < now() - $1 * interval '1 millisecond'
         and status not in ('QUEUED', 'RUNNING')
         and (status <> 'SUCCEEDED' or exists (
           select from executions later
           where later.task_name = e.task_name and later.status = 'SUCCEEDED'
             and (later.requested_at, later.execution_id) > (e.requested_at, e.execution_id)))
         and not exists (select from executions child where child.parent_id = e.execution_id)
       order by requested_at, execution_id limit $2
       for update skip locked
     )
     delete from executions using old where executions.execution_id = old.execution_id returning 1`,
    [olderThanMs, limit],
  )
  return deleted.length
}
