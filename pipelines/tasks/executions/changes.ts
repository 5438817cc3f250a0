import type { Database, Sql, Tx } from '#pipelines/kernel/database.ts'
import { failpoints } from '#pipelines/kernel/failpoint.ts'
import type { Draft, Outbox } from '#pipelines/outbox/types.ts'
import type { ExecutionStatus, Trigger } from './execution.ts'

/** Held by whoever moves changes: with one at a time, what stands in the outbox under a task's name is in the order of its ids. */
const MOVER_LOCK = 7_106_001
const AT_ONCE = 500

interface Change {
  readonly id: number
  readonly executionId: string
  readonly version: number
  readonly taskName: string
  readonly status: ExecutionStatus
  readonly trigger: Trigger
  readonly attempt: number
  readonly startedAt: number | null
  readonly endedAt: number | null
  readonly exitCode: number | null
  readonly message: string | null
  readonly parentId: string | null
  readonly changedAt: number
}

export type ExecutionChange = Omit<Change, 'id'>

/**
 * Moves changes of executions, which were written down in the transactions that made them, to the outbox, each in one transaction that
 * takes it here and puts it there: published if and only if it was committed, once. Answers those moved; none while another moves.
 */
export async function moveChanges(database: Database, outbox: Outbox<'tasks'>): Promise<readonly ExecutionChange[]> {
  return await database.transaction(async (tx) => {
    const [lock] = await tx.query<{ held: boolean }>('select pg_try_advisory_xact_lock($1) as held', [MOVER_LOCK])
    if (!lock?.held) return []
    const changes = await takeChanges(tx)
    if (failpoints && changes.length > 0) await failpoints.at('changes.take.after')
    if (changes.length > 0) await outbox.publish(tx, changes.map(draftOf))
    return changes
  })
}

/** Whether there is anything to move. */
export async function areChangesWaiting(sql: Sql): Promise<boolean> {
  const [row] = await sql.query<{ any: boolean }>('select exists (select from execution_changes) as any')
  return row?.any === true
}

async function takeChanges(tx: Tx): Promise<readonly Change[]> {
  const ms = (column: string) => `(extract(epoch from ${column}) * 1000)::bigint`
  const rows = await tx.query<Change & Record<string, unknown>>(
    `delete from execution_changes where id in (select id from execution_changes order by id limit $1)
     returning id, execution_id as "executionId", version, task_name as "taskName", status, trigger, attempt, ${ms('started_at')} as "startedAt",
       ${ms('ended_at')} as "endedAt", exit_code as "exitCode", message, parent_id as "parentId", ${ms('changed_at')} as "changedAt"`,
    [AT_ONCE],
  )
  return rows.sort((a, b) => a.id - b.id)
}

/** The event of a change. An execution's own id is its correlation: the whole of a run is found by it. */
function draftOf({ id: _, changedAt, ...change }: Change): Draft<'TaskExecutionChanged'> {
  return { type: 'TaskExecutionChanged', ...change, occurredAt: changedAt }
}
