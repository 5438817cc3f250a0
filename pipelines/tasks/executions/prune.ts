import type { Sql } from '#pipelines/kernel/database.ts'
import { DEFAULT_RETENTION, type Retention } from '../policy.ts'

export interface Pruning extends Partial<Retention> {
  /** Of this task; without it of every task. */
  readonly taskName?: string | undefined
  /** At most so many, so that it never holds up a run. Default 100. */
  readonly limit?: number
}

/**
 * Deletes the oldest finished executions, those beyond their age and those beyond their number; answers how many. What stays, however old: a run
 * that is not finished, the last success of each task, and a run whose children or further attempts are on record and stay. A task that runs every
 * few seconds would fill the table otherwise.
 */
export async function pruneExecutions(sql: Sql, pruning: Pruning = {}): Promise<number> {
  const { taskName = null, ageMs = DEFAULT_RETENTION.ageMs, count = DEFAULT_RETENTION.count, limit = 100 } = pruning
  // Beyond its number: older than the one that stands at the end of what is kept.
  const beyond =
    taskName === null
      ? 'false'
      : `(requested_at, execution_id) < (
           select requested_at, execution_id from executions last where last.task_name = $3
           order by requested_at desc, execution_id desc offset $4 - 1 limit 1)`
  const deleted = await sql.query(
    `with old as materialized (
       select execution_id, run_id from executions e
       where ($3::text is null or task_name = $3) and $4::int > 0
         and (requested_at < tasks_now() - $1::float8 * interval '1 millisecond' or ${beyond})
         and status not in ('QUEUED', 'RUNNING')
         and (status <> 'SUCCEEDED' or exists (
           select from executions later
           where later.task_name = e.task_name and later.status = 'SUCCEEDED'
             and (later.requested_at, later.execution_id) > (e.requested_at, e.execution_id)))
         and not exists (select from executions child where child.parent_id = e.execution_id)
         and not exists (select from executions other where other.run_id = e.run_id and other.status in ('QUEUED', 'RUNNING'))
       order by requested_at, execution_id limit $2
       for update skip locked
     ), forgotten as (
       delete from checkpoints where run_id in (select run_id from old)
         and not exists (select from executions other where other.run_id = checkpoints.run_id and other.execution_id not in (select execution_id from old))
     )
     delete from executions using old where executions.execution_id = old.execution_id returning 1`,
    [ageMs, limit, taskName, count],
  )
  return deleted.length
}
