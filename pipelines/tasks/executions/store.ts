import { hostname } from 'node:os'
import type { Sql, Tx } from '#pipelines/kernel/database.ts'
import type { Policy } from '../policy.ts'
import type { Ending, Progress, Trigger } from './execution.ts'

/** What a process learns when an execution becomes its own. */
export interface Taken {
  readonly executionId: string
  readonly runId: string
  readonly taskName: string
  readonly trigger: Trigger
  readonly attempt: number
  readonly arguments: Readonly<Record<string, unknown>>
  readonly fence: number
  /** As it was requested; null if whoever asked did not know the task. */
  readonly policy: Policy | null
}

export const TAKEN = `execution_id as "executionId", run_id as "runId", task_name as "taskName", trigger, attempt, arguments, fence, policy`

/**
 * Makes a claimed execution RUNNING in this process. Nothing if it is not to be run by whoever was started for this claim: it was
 * cancelled meanwhile, or claimed again.
 */
export async function take(
  sql: Sql,
  executionId: string,
  claim: number,
  heartbeatMs: number,
): Promise<Taken | undefined> {
  const [taken] = await sql.query<Taken & Record<string, unknown>>(
    `update executions set status = 'RUNNING', version = version + 1, started_at = tasks_now(), heartbeat_at = tasks_now(),
       heartbeat_ms = $3, host = $4, pid = $5, fence = nextval('task_fences')
     where execution_id = $1 and claim = $2 and status = 'QUEUED' returning ${TAKEN}`,
    [executionId, claim, heartbeatMs, hostname(), process.pid],
  )
  return taken
}

/** Draws a new fencing token: once the lock of a single-instance task is held, it is the greatest. Nothing if the run is not RUNNING any more. */
export async function drawFence(sql: Sql, executionId: string): Promise<number | undefined> {
  const [row] = await sql.query<{ fence: number }>(
    `update executions set fence = nextval('task_fences') where execution_id = $1 and status = 'RUNNING' returning fence`,
    [executionId],
  )
  return row?.fence
}

/** Notes the policy that the run is under, for whoever finds it LOST. */
export async function recordPolicy(sql: Sql, executionId: string, policy: Policy): Promise<void> {
  await sql.query(`update executions set policy = $2::jsonb where execution_id = $1`, [
    executionId,
    JSON.stringify(policy),
  ])
}

export interface Beat {
  /** Who asked for the end of this run, if anybody did. */
  readonly cancelledBy: string | null
}

/** Gives a sign of life. Nothing if the run is not RUNNING any more: somebody took it for LOST. */
export async function recordHeartbeat(
  sql: Sql,
  executionId: string,
  progress: Progress | undefined,
): Promise<Beat | undefined> {
  const [beat] = await sql.query<{ cancelledBy: string | null }>(
    `update executions set heartbeat_at = tasks_now(), progress = coalesce($2::jsonb, progress)
     where execution_id = $1 and status = 'RUNNING' returning cancel_requested_by as "cancelledBy"`,
    [executionId, progress === undefined ? null : JSON.stringify(progress)],
  )
  return beat
}

/**
 * Records the end of a run and, where its policy wants another attempt, that one as QUEUED, in one statement. Answers false, and
 * records nothing, if the run is not RUNNING any more.
 */
export async function recordEnd(
  sql: Sql,
  executionId: string,
  ending: Ending,
  { progress, claim = null }: { readonly progress?: Progress | undefined; readonly claim?: number | null } = {},
): Promise<boolean> {
  const { status, exitCode, message, error, result, final = false } = ending
  const [row] = await sql.query<{ ended: number }>(
    `with ended as (
       update executions set status = $2, exit_code = $3, error = $5, result = $6::jsonb, ended_at = tasks_now(),
         message = case when $2 = 'CANCELLED' then coalesce('cancelled by ' || cancel_requested_by, $4) else $4 end, heartbeat_at = tasks_now(), version = version + 1, progress = coalesce($7::jsonb, progress)
       where execution_id = $1 and status = 'RUNNING' and ($9::int is null or claim = $9) returning *
     ), again as (${NEXT_ATTEMPT} and not $8)
     select count(*)::int as ended from ended`,
    [
      executionId,
      status,
      exitCode,
      message,
      error,
      result === undefined ? null : JSON.stringify(result),
      progress === undefined ? null : JSON.stringify(progress),
      final,
      claim,
    ],
  )
  return row?.ended === 1
}

/** Inserts the attempt after those in `ended` that have one left. A wanted end (SUCCEEDED, SKIPPED, CANCELLED) has none. */
const NEXT_ATTEMPT = `
  insert into executions (execution_id, run_id, task_name, status, trigger, requested_by, parent_id, external_id, schedule_name, due_at,
    priority, serial_key, arguments, policy, attempt, requested_at, not_before)
  select gen_random_uuid(), run_id, task_name, 'QUEUED', trigger, requested_by, parent_id, external_id, schedule_name, due_at,
    priority, serial_key, arguments, policy, attempt + 1, tasks_now(),
    tasks_now() + least((policy->>'maxBackoffMs')::float8, (policy->>'backoffMs')::float8 * 2 ^ least(attempt - 1, 40)) * interval '1 millisecond'
  from ended
  where status in ('FAILED', 'TIMED_OUT', 'LOST') and cancel_requested_at is null and attempt < coalesce((policy->>'attempts')::int, 1)`

/** An end that only somebody else can record, as the process is gone or hangs. */
export interface Finding {
  readonly executionId: string
  readonly claim: number
  readonly status: 'LOST' | 'FAILED' | 'TIMED_OUT' | 'CANCELLED'
  readonly exitCode: number | null
  readonly message: string
  readonly error?: string | null
}

/** Records what was found about a run that did not record its own end. False if it did after all. */
export async function recordFinding(sql: Sql, found: Finding): Promise<boolean> {
  const { executionId, claim } = found
  return recordEnd(sql, executionId, { ...found, error: found.error ?? null, result: undefined }, { claim })
}

/** How the execution stands; nothing if it is another claim's by now. */
export async function statusOfClaim(sql: Sql, executionId: string, claim: number): Promise<string | undefined> {
  const [row] = await sql.query<{ status: string }>(
    'select status from executions where execution_id = $1 and claim = $2',
    [executionId, claim],
  )
  return row?.status
}

/** A claimed execution whose process ended before it was RUNNING: it cannot start, and says why. False if it is not this claim's any more. */
export async function recordNotStarted(sql: Sql, executionId: string, claim: number, ending: Ending): Promise<boolean> {
  const [row] = await sql.query<{ ended: number }>(
    `with ended as (
       update executions set status = $3, exit_code = $4, message = $5, error = $6, ended_at = tasks_now(), version = version + 1
       where execution_id = $1 and claim = $2 and status = 'QUEUED' returning *
     ), again as (${NEXT_ATTEMPT})
     select count(*)::int as ended from ended`,
    [executionId, claim, ending.status, ending.exitCode, ending.message, ending.error],
  )
  return row?.ended === 1
}

/**
 * Marks runs LOST that have missed two heartbeats by the database's clock, with their next attempts. For whoever looks once, as a run
 * under an external cron does; a scheduler, which watches, is not led astray by a clock that jumps (scheduler/watch.ts). Answers their ids.
 */
export async function markLost(sql: Sql): Promise<readonly string[]> {
  return endAll(sql, `status = 'RUNNING' and heartbeat_at < tasks_now() - heartbeat_ms * interval '2 milliseconds'`, [])
}

/** Marks one LOST unless it has given a sign of life since. */
export async function markSilent(sql: Sql, executionId: string, heartbeatAt: string): Promise<boolean> {
  const condition = `status = 'RUNNING' and execution_id = $1 and heartbeat_at::text = $2`
  return (await endAll(sql, condition, [executionId, heartbeatAt])).length === 1
}

async function endAll(sql: Sql, condition: string, values: readonly unknown[]): Promise<readonly string[]> {
  const rows = await sql.query<{ id: string }>(
    `with ended as (
       update executions set status = 'LOST', ended_at = tasks_now(), version = version + 1,
         message = 'no sign of life since ' || to_char(heartbeat_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
       where ${condition} returning *
     ), again as (${NEXT_ATTEMPT})
     select execution_id as id from ended`,
    values,
  )
  return rows.map(({ id }) => id)
}

/** Adds a line to what happened beside the end of a run. */
export async function addNote(sql: Sql, executionId: string, note: string): Promise<void> {
  await sql.query(`update executions set note = concat_ws(E'\\n', note, $2::text) where execution_id = $1`, [
    executionId,
    note,
  ])
}

/** Saves what the next attempt is to find. False, and nothing saved, if the run is not RUNNING any more. */
export async function saveCheckpoint(tx: Tx | Sql, taken: Taken, value: unknown): Promise<boolean> {
  const rows = await tx.query(
    `with mine as (select run_id from executions where execution_id = $1 and status = 'RUNNING' for share)
     insert into checkpoints (run_id, value, saved_by, saved_at) select run_id, $2::jsonb, $1, tasks_now() from mine
     on conflict (run_id) do update set value = excluded.value, saved_by = excluded.saved_by, saved_at = excluded.saved_at returning 1`,
    [taken.executionId, JSON.stringify(value)],
  )
  return rows.length === 1
}

export async function readCheckpoint(sql: Sql, runId: string): Promise<unknown> {
  const [row] = await sql.query<{ value: unknown }>('select value from checkpoints where run_id = $1', [runId])
  return row?.value
}
