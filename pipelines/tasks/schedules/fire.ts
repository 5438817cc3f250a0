import type { Database, Tx } from '#pipelines/kernel/database.ts'
import { failpoints } from '#pipelines/kernel/failpoint.ts'
import { newId } from '#pipelines/kernel/ids.ts'
import type { Policy } from '../policy.ts'
import { decide, jitterOf } from './due.ts'
import { advance, lockDue, type Stored } from './store.ts'

const SCHEDULES_AT_ONCE = 50

export interface FireRound {
  /** Executions put on record, those that were SKIPPED included. */
  readonly fired: number
  readonly missed: number
  readonly schedules: number
}

/**
 * Deals with every due time that has come, by the database's clock: what is to run is QUEUED, and the schedule moved on, in one
 * transaction that holds the schedule. So a due time is dealt with once, however many schedulers look and wherever one is killed; the
 * unique index over schedule and due time says so too.
 */
export async function fireDue(
  database: Database,
  policyFor: (taskName: string) => Policy | undefined,
): Promise<FireRound> {
  return await database.transaction(async (tx) => {
    const due = await lockDue(tx, SCHEDULES_AT_ONCE)
    if (failpoints && due.length > 0) await failpoints.at('schedule.fire.before')
    let fired = 0
    let missed = 0
    for (const stored of due) {
      const { schedule, nextDueMs, nowMs } = stored
      const decided = decide(stored.due, schedule, nextDueMs ?? nowMs, nowMs)
      fired += await insertDue(tx, stored, decided.fire, policyFor(schedule.taskName))
      missed += decided.missed
      await advance(tx, schedule.name, {
        lastDueMs: decided.fire.at(-1),
        nextDueMs: decided.next,
        missed: decided.missed,
      })
    }
    if (failpoints && due.length > 0) await failpoints.at('schedule.fire.after')
    return { fired, missed, schedules: due.length }
  })
}

async function insertDue(
  tx: Tx,
  { schedule, nowMs }: Stored,
  dues: readonly number[],
  policy: Policy | undefined,
): Promise<number> {
  if (dues.length === 0) return 0
  const { name, taskName, overlap, jitterMs } = schedule
  const open = overlap === 'SKIP' && (await isAnyOpen(tx, name))
  const rows = dues.map((dueMs, index) => {
    const isSkipped = overlap === 'SKIP' && (open || index > 0)
    return {
      id: newId(),
      due: dueMs,
      start: dueMs + jitterOf(name, dueMs, jitterMs),
      status: isSkipped ? 'SKIPPED' : 'QUEUED',
      message: isSkipped ? 'a run of this schedule was not over' : null,
    }
  })
  const inserted = await tx.query(
    `insert into executions (execution_id, run_id, task_name, status, trigger, requested_by, schedule_name, due_at, not_before, serial_key,
       arguments, policy, message, exit_code, requested_at, ended_at)
     select row.id, row.id, $1, row.status, 'SCHEDULE', 'schedule', $2, timestamptz 'epoch' + row.due * interval '1 millisecond',
       timestamptz 'epoch' + row.start * interval '1 millisecond', $3, $4::jsonb, $5::jsonb, row.message,
       case row.status when 'SKIPPED' then 0 end, decided_at, case row.status when 'SKIPPED' then decided_at end
     from json_to_recordset($6::json) as row (id uuid, due float8, start float8, status text, message text),
       (select timestamptz 'epoch' + $7::float8 * interval '1 millisecond') as decided (decided_at)
     on conflict (schedule_name, due_at) where trigger = 'SCHEDULE' and attempt = 1 do nothing returning 1`,
    [
      taskName,
      name,
      overlap === 'QUEUE' ? `schedule:${name}` : null,
      JSON.stringify(schedule.arguments),
      policy === undefined ? null : JSON.stringify(policy),
      JSON.stringify(rows),
      // The time it was decided by: by a clock that was set back since, it would have been fired before it was due.
      nowMs,
    ],
  )
  return inserted.length
}

/** Whether a run of the schedule is not over; also one that waits for its next attempt. */
async function isAnyOpen(tx: Tx, name: string): Promise<boolean> {
  const [row] = await tx.query<{ any: boolean }>(
    `select exists (select from executions where schedule_name = $1 and status in ('QUEUED', 'RUNNING')) as any`,
    [name],
  )
  return row?.any === true
}
