import type { Sql } from '#pipelines/kernel/database.ts'
import { iso, SUMMARY } from './columns.ts'
import type { ExecutionSummary } from './execution.ts'

/** How a task stands. */
export interface TaskState {
  readonly queued: number
  readonly running: number
  readonly lastExecution: ExecutionSummary | null
  readonly lastSuccessAt: string | null
}

/** One walk to the end of an index for each task, whatever the number of executions. */
export async function taskStates(sql: Sql, names: readonly string[]): Promise<ReadonlyMap<string, TaskState>> {
  const [open, last, successes] = await Promise.all([
    sql.query<{ name: string; status: string; count: number }>(
      `select task_name as name, status, count(*)::int as count from executions where status in ('QUEUED', 'RUNNING') group by 1, 2`,
    ),
    sql.query<ExecutionSummary & Record<string, unknown>>(
      `select e.* from unnest($1::text[]) as names (name) cross join lateral (
         select ${SUMMARY} from executions where task_name = names.name order by requested_at desc, execution_id desc limit 1) e`,
      [names],
    ),
    sql.query<{ name: string; at: string }>(
      `select names.name, e.at from unnest($1::text[]) as names (name) cross join lateral (
         select ${iso('ended_at')} as at from executions where task_name = names.name and status = 'SUCCEEDED'
         order by requested_at desc, execution_id desc limit 1) e`,
      [names],
    ),
  ])
  const count = (name: string, status: string) =>
    open.find((row) => row.name === name && row.status === status)?.count ?? 0
  return new Map(
    names.map((name) => [
      name,
      {
        queued: count(name, 'QUEUED'),
        running: count(name, 'RUNNING'),
        lastExecution: last.find(({ taskName }) => taskName === name) ?? null,
        lastSuccessAt: successes.find((row) => row.name === name)?.at ?? null,
      },
    ]),
  )
}
