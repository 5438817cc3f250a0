import type { Sql } from '#pipelines/kernel/database.ts'
import { CodedError } from '#pipelines/kernel/errors.ts'
import { newId } from '#pipelines/kernel/ids.ts'
import { refuseSecrets } from '../arguments.ts'
import type { Launch } from './execution.ts'

export interface Enqueued {
  readonly executionId: string
  /** False if the same request was on record before: that one counts. */
  readonly created: boolean
}

const FOREIGN_KEY_VIOLATION = '23503'

/**
 * Puts a run on record as QUEUED; whoever claims it starts it. However many wait already, none is refused. Asked twice with one
 * request id, it answers the first. With a claimant it is claimed by that at once, as claim 1, and nobody else starts it.
 * @throws UsageError `TASK_ARGUMENTS_SECRET`; CodedError `PARENT_UNKNOWN`
 */
export async function enqueue(sql: Sql, launch: Launch, claimant?: string): Promise<Enqueued> {
  refuseSecrets(launch.arguments)
  const { taskName, trigger, requestedBy, requestId = null, parentId = null, externalId = null, priority = 0 } = launch
  const executionId = launch.executionId ?? newId()
  const values = [executionId, taskName, trigger, requestedBy, requestId, parentId, externalId, priority]
  const inserted = sql.query(
    `insert into executions (execution_id, run_id, task_name, status, trigger, requested_by, request_id, parent_id, external_id, priority,
       arguments, policy, requested_at, not_before, claim, claimed_at, claimed_by)
     values ($1, $1, $2, 'QUEUED', $3, $4, $5, $6, $7, $8, $9::jsonb, $10::jsonb, tasks_now(), tasks_now(),
       case when $11::text is null then 0 else 1 end, case when $11 is not null then tasks_now() end, $11)
     on conflict (task_name, request_id) where request_id is not null do nothing returning 1`,
    [
      ...values,
      JSON.stringify(launch.arguments),
      launch.policy === undefined ? null : JSON.stringify(launch.policy),
      claimant ?? null,
    ],
  )
  const rows = await inserted.catch((error) => {
    if (parentId === null || (error as { code?: string }).code !== FOREIGN_KEY_VIOLATION) throw error
    throw new CodedError('PARENT_UNKNOWN', `there is no execution ${parentId} that could be its parent`)
  })
  if (rows.length === 1) return { executionId, created: true }
  const [first] = await sql.query<{ id: string }>(
    'select execution_id as id from executions where task_name = $1 and request_id = $2',
    [taskName, requestId],
  )
  return { executionId: first?.id ?? executionId, created: false }
}
