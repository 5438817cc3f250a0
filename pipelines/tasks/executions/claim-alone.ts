import type { Sql } from '#pipelines/kernel/database.ts'

/** What waits of a task and is started by a run without a scheduler: attempts of its own run, and what is due already. */
const MINE = `task_name = $1 and status = 'QUEUED' and (claimed_at is null or claimed_at < tasks_now() - interval '60 seconds')`

/** Milliseconds until there is something to start: an attempt of the given run, or anything of the task that is due. Nothing if there will not be. */
export async function nextAloneInMs(sql: Sql, taskName: string, runId: string): Promise<number | undefined> {
  const [row] = await sql.query<{ ms: number | null }>(
    `select ceil(extract(epoch from min(not_before) - tasks_now()) * 1000)::float8 as ms
     from executions where ${MINE} and (run_id = $2 or not_before <= tasks_now())`,
    [taskName, runId],
  )
  // PostgreSQL's greatest() would make 0 of nothing.
  return row?.ms == null ? undefined : Math.max(0, row.ms)
}

/** Claims the oldest of the task that is due. */
export async function claimAlone(
  sql: Sql,
  taskName: string,
): Promise<{ readonly executionId: string; readonly runId: string; readonly claim: number } | undefined> {
  const [claimed] = await sql.query<{ executionId: string; runId: string; claim: number }>(
    `update executions set claim = claim + 1, claimed_at = tasks_now(), claimed_by = 'run'
     where execution_id = (
       select execution_id from executions where ${MINE} and not_before <= tasks_now()
       order by priority desc, requested_at limit 1 for update skip locked)
     returning execution_id as "executionId", run_id as "runId", claim`,
    [taskName],
  )
  return claimed
}
