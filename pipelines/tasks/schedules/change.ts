import { isDeepStrictEqual } from 'node:util'
import type { Database, Tx } from '#pipelines/kernel/database.ts'
import { UsageError } from '#pipelines/kernel/errors.ts'
import { newId } from '#pipelines/kernel/ids.ts'
import { type Actor, audit } from '../audit.ts'
import type { Policy } from '../policy.ts'
import { checkedSchedule } from './check.ts'
import { nextDue } from './due.ts'
import type { Schedule, ScheduleDefinition, ScheduleInput } from './schedule.ts'
import { databaseNow, definitionOf, findSchedule, lockSchedule, type Stored, writeSchedule } from './store.ts'

export interface SetOptions extends Actor {
  /** The version that the caller has seen. Without it the change is made whatever it is by now. */
  readonly expected?: (version: number | undefined) => void
}

/**
 * Makes a schedule or changes it. A changed timing counts from now; one that only has other policies keeps its due times.
 * @throws UsageError `SCHEDULE_INVALID`, `TASK_ARGUMENTS_SECRET`; what `expected` throws
 */
export async function setSchedule(database: Database, input: ScheduleInput, options: SetOptions): Promise<Schedule> {
  const definition = checkedSchedule(input)
  return await database.transaction(async (tx) => {
    const before = await lockSchedule(tx, definition.name)
    options.expected?.(before?.schedule.version)
    await write(tx, definition, before, options)
    return await after(tx, definition.name)
  })
}

/**
 * Makes the schedules that a program wants, once. One that was changed by somebody else since stays as it is; one that was not follows
 * the program. Answers the names of those made or changed.
 */
export async function seedSchedules(database: Database, inputs: readonly ScheduleInput[]): Promise<readonly string[]> {
  const written: string[] = []
  for (const input of inputs) {
    const definition = checkedSchedule(input)
    await database.transaction(async (tx) => {
      await tx.query(`select pg_advisory_xact_lock(7106003)`) // two schedulers that start at once
      const before = await lockSchedule(tx, definition.name)
      if (before && !followsProgram(before)) return
      if (before && isDeepStrictEqual(before.seeded, definition)) return
      await write(tx, definition, before, { actor: SEEDER, reason: 'wanted by the program' }, definition)
      written.push(definition.name)
    })
  }
  return written
}

const SEEDER = 'program'

/** Whether a schedule is as the program last wanted it. Pausing is no such change. */
function followsProgram({ schedule, seeded }: Stored): boolean {
  return seeded !== null && isDeepStrictEqual(definitionOf(schedule), seeded)
}

/** @throws UsageError `SCHEDULE_UNKNOWN` */
export async function pauseSchedule(database: Database, name: string, who: Actor): Promise<Schedule> {
  return await changeState(database, name, 'pause', who, async (tx, { schedule }) => {
    if (schedule.paused) return false
    const values = [name, who.actor, who.reason ?? null]
    await tx.query(
      `update schedules set paused_at = tasks_now(), paused_by = $2, pause_reason = $3, version = version + 1 where name = $1`,
      values,
    )
    return true
  })
}

/** Goes on from now: what became due in the pause is not made up for. @throws UsageError `SCHEDULE_UNKNOWN` */
export async function resumeSchedule(database: Database, name: string, who: Actor): Promise<Schedule> {
  return await changeState(database, name, 'resume', who, async (tx, { schedule, due, nowMs }) => {
    if (!schedule.paused) return false
    await tx.query(
      `update schedules set paused_at = null, paused_by = null, pause_reason = null, version = version + 1,
         next_due_at = timestamptz 'epoch' + $2::float8 * interval '1 millisecond' where name = $1`,
      [name, nextDue(due, nowMs) ?? null],
    )
    return true
  })
}

/**
 * Starts a run of a schedule now, beside its due times, whatever its overlap policy and also while it is paused.
 * @throws UsageError `SCHEDULE_UNKNOWN`
 */
export async function runNow(database: Database, name: string, who: Actor, policy?: Policy): Promise<string> {
  const executionId = newId()
  await database.transaction(async (tx) => {
    const stored = await lockSchedule(tx, name)
    if (!stored) throw unknown(name)
    const { taskName, arguments: given } = stored.schedule
    await tx.query(
      `insert into executions (execution_id, run_id, task_name, status, trigger, requested_by, schedule_name, arguments, policy, requested_at, not_before)
       values ($1, $1, $2, 'QUEUED', 'MANUAL', $3, $4, $5::jsonb, $6::jsonb, tasks_now(), tasks_now())`,
      [
        executionId,
        taskName,
        who.actor,
        name,
        JSON.stringify(given),
        policy === undefined ? null : JSON.stringify(policy),
      ],
    )
    await audit(tx, who, { action: 'schedule.run-now', subject: `schedule:${name}`, after: { executionId } })
  })
  return executionId
}

/** @throws UsageError `SCHEDULE_UNKNOWN`, `SCHEDULE_OF_PROGRAM`: it would come back at the next start */
export async function removeSchedule(database: Database, name: string, who: Actor): Promise<void> {
  await database.transaction(async (tx) => {
    const stored = await lockSchedule(tx, name)
    if (!stored) throw unknown(name)
    if (stored.seeded !== null)
      throw new UsageError(
        'SCHEDULE_OF_PROGRAM',
        `schedule "${name}" belongs to the program and would come back: pause it`,
      )
    await tx.query('delete from schedules where name = $1', [name])
    await audit(tx, who, {
      action: 'schedule.remove',
      subject: `schedule:${name}`,
      before: definitionOf(stored.schedule),
    })
  })
}

export function unknown(name: string): UsageError {
  return new UsageError(
    'SCHEDULE_UNKNOWN',
    `there is no schedule "${name}": \`eshop task schedule list\` shows those there are`,
  )
}

async function write(
  tx: Tx,
  definition: ScheduleDefinition,
  before: Stored | undefined,
  who: Actor,
  seeded?: ScheduleDefinition,
): Promise<void> {
  const nowMs = Math.ceil(before?.nowMs ?? (await databaseNow(tx)))
  const keepsTiming = before !== undefined && sameTiming(definition, before.schedule)
  const anchorMs = keepsTiming ? before.due.anchorMs : nowMs
  const nextDueMs = keepsTiming ? (before.nextDueMs ?? undefined) : nextDue({ ...definition, anchorMs }, nowMs)
  await writeSchedule(tx, { definition, anchorMs, nextDueMs, by: who.actor, seeded })
  await audit(tx, who, {
    action: before ? 'schedule.set' : 'schedule.create',
    subject: `schedule:${definition.name}`,
    before: before && definitionOf(before.schedule),
    after: definition,
  })
  await wake(tx)
}

function sameTiming(a: ScheduleDefinition, b: Schedule): boolean {
  return a.everyMs === b.everyMs && a.cron === b.cron && a.timeZone === b.timeZone
}

async function changeState(
  database: Database,
  name: string,
  action: 'pause' | 'resume',
  who: Actor,
  work: (tx: Tx, stored: Stored) => Promise<boolean>,
): Promise<Schedule> {
  return await database.transaction(async (tx) => {
    const stored = await lockSchedule(tx, name)
    if (!stored) throw unknown(name)
    if (!(await work(tx, stored))) return stored.schedule
    const state = (paused: boolean) => ({ paused })
    const deed = { before: state(stored.schedule.paused), after: state(action === 'pause') }
    await audit(tx, who, { action: `schedule.${action}`, subject: `schedule:${name}`, ...deed })
    await wake(tx)
    return await after(tx, name)
  })
}

async function after(tx: Tx, name: string): Promise<Schedule> {
  const stored = await findSchedule(tx, name)
  if (!stored) throw unknown(name)
  return stored.schedule
}

/** Schedulers look again at when they are to wake. */
async function wake(tx: Tx): Promise<void> {
  await tx.query(`select pg_notify('tasks', 'schedule')`)
}
