import type { Database } from '#pipelines/kernel/database.ts'
import { CodedError, UsageError } from '#pipelines/kernel/errors.ts'
import { type Actor, audit } from '../audit.ts'
import type { Policy } from '../policy.ts'
import { type Enqueued, enqueue } from './enqueue.ts'
import type { ExecutionStatus, Launch } from './execution.ts'

/** Asks for a run, and writes down who asked. @throws UsageError `TASK_ARGUMENTS_SECRET` */
export async function launch(database: Database, asked: Omit<Launch, 'requestedBy'>, who: Actor): Promise<Enqueued> {
  return await database.transaction(async (tx) => {
    const enqueued = await enqueue(tx, { ...asked, requestedBy: who.actor })
    const subject = `execution:${enqueued.executionId}`
    if (enqueued.created)
      await audit(tx, who, {
        action: 'execution.launch',
        subject,
        after: { taskName: asked.taskName, arguments: asked.arguments },
      })
    return enqueued
  })
}

/**
 * Ends a run: one that waits is CANCELLED at once, one that runs is told so, by its launcher or with its next heartbeat. Asked again
 * it changes nothing. Answers the status it has now.
 * @throws UsageError `EXECUTION_UNKNOWN`; CodedError `EXECUTION_ENDED` for one that is over
 */
export async function cancel(database: Database, executionId: string, who: Actor): Promise<ExecutionStatus> {
  return await database.transaction(async (tx) => {
    const [row] = await tx.query<{ status: ExecutionStatus; asked: boolean }>(
      'select status, cancel_requested_at is not null as asked from executions where execution_id = $1 for update',
      [executionId],
    )
    if (!row) throw unknownExecution(executionId)
    const { status, asked } = row
    if (asked && status === 'RUNNING') return status
    if (status !== 'QUEUED' && status !== 'RUNNING')
      throw new CodedError('EXECUTION_ENDED', `this execution is over: it is ${status}`, {
        facts: { executionId, status },
      })
    await tx.query(
      `update executions set cancel_requested_at = tasks_now(), cancel_requested_by = $2 where execution_id = $1`,
      [executionId, who.actor],
    )
    if (status === 'QUEUED')
      await tx.query(
        `update executions set status = 'CANCELLED', version = version + 1, ended_at = tasks_now(), exit_code = 143, message = 'cancelled by ' || $2::text
         where execution_id = $1`,
        [executionId, who.actor],
      )
    else await tx.query(`select pg_notify('tasks', 'cancel')`)
    await audit(tx, who, { action: 'execution.cancel', subject: `execution:${executionId}`, before: { status } })
    return status === 'QUEUED' ? 'CANCELLED' : status
  })
}

const OVER = new Set<ExecutionStatus>(['SUCCEEDED', 'FAILED', 'CANCELLED', 'TIMED_OUT', 'LOST', 'SKIPPED'])

/**
 * Runs the same again: one more attempt of the run, with its arguments and its checkpoint, now. Answers its execution.
 * @throws UsageError `EXECUTION_UNKNOWN`; CodedError `EXECUTION_NOT_ENDED` while it, or another attempt of its run, is not over
 */
export async function retry(database: Database, executionId: string, who: Actor, policy?: Policy): Promise<string> {
  return await database.transaction(async (tx) => {
    const [first] = await tx.query<{ status: ExecutionStatus; runId: string }>(
      'select status, run_id as "runId" from executions where execution_id = $1 for update',
      [executionId],
    )
    if (!first) throw unknownExecution(executionId)
    const others = await tx.query<{ status: ExecutionStatus }>('select status from executions where run_id = $1', [
      first.runId,
    ])
    if (others.some(({ status }) => !OVER.has(status)))
      throw new CodedError('EXECUTION_NOT_ENDED', 'this run is not over: cancel it first, or wait for its end')
    const [again] = await tx.query<{ id: string }>(
      `insert into executions (execution_id, run_id, task_name, status, trigger, requested_by, parent_id, external_id, schedule_name, due_at,
         priority, serial_key, arguments, policy, attempt, requested_at, not_before)
       select gen_random_uuid(), run_id, task_name, 'QUEUED', 'MANUAL', $2, parent_id, external_id, schedule_name, due_at, priority, serial_key,
         arguments, coalesce($3::jsonb, policy), (select max(attempt) + 1 from executions where run_id = e.run_id), tasks_now(), tasks_now()
       from executions e where execution_id = $1 returning execution_id as id`,
      [executionId, who.actor, policy === undefined ? null : JSON.stringify(policy)],
    )
    const after = { executionId: again?.id }
    await audit(tx, who, {
      action: 'execution.retry',
      subject: `execution:${executionId}`,
      before: { status: first.status },
      after,
    })
    return again?.id ?? ''
  })
}

export function unknownExecution(executionId: string): UsageError {
  return new UsageError('EXECUTION_UNKNOWN', `there is no execution ${executionId}`)
}
