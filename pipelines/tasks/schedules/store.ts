import type { Sql, Tx } from '#pipelines/kernel/database.ts'
import { iso } from '../executions/columns.ts'
import type { Due } from './due.ts'
import type { Schedule, ScheduleDefinition, Timing } from './schedule.ts'

interface Row extends Omit<Schedule, 'everyMs' | 'cron' | 'timeZone'> {
  readonly everyMs: number | null
  readonly cron: string | null
  readonly timeZone: string | null
  readonly anchorMs: number
  readonly nextDueMs: number | null
  readonly nowMs: number
  readonly seeded: ScheduleDefinition | null
}

/** A schedule with what the scheduler computes with, in milliseconds of the database's clock. */
export interface Stored {
  readonly schedule: Schedule
  readonly due: Due
  readonly nextDueMs: number | null
  readonly nowMs: number
  readonly seeded: ScheduleDefinition | null
}

const ms = (expression: string) => `(extract(epoch from ${expression}) * 1000)::float8`
const at = (parameter: string) => `timestamptz 'epoch' + ${parameter}::float8 * interval '1 millisecond'`

const COLUMNS = `
  name, task_name as "taskName", arguments, every_ms as "everyMs", cron, time_zone as "timeZone", overlap, catch_up as "catchUp",
  catch_up_window_ms as "catchUpWindowMs", jitter_ms as "jitterMs", paused_at is not null as paused, ${iso('paused_at')} as "pausedAt",
  paused_by as "pausedBy", pause_reason as "pauseReason", ${iso('next_due_at')} as "nextDueAt", ${iso('last_due_at')} as "lastDueAt",
  missed, version, ${iso('updated_at')} as "updatedAt", updated_by as "updatedBy", ${ms('anchor_at')} as "anchorMs",
  ${ms('next_due_at')} as "nextDueMs", ${ms('tasks_now()')} as "nowMs", seeded`

export async function listSchedules(sql: Sql): Promise<readonly Stored[]> {
  return (await sql.query<Row & Record<string, unknown>>(`select ${COLUMNS} from schedules order by name`)).map(
    storedOf,
  )
}

export async function findSchedule(sql: Sql, name: string): Promise<Stored | undefined> {
  const [row] = await sql.query<Row & Record<string, unknown>>(`select ${COLUMNS} from schedules where name = $1`, [
    name,
  ])
  return row && storedOf(row)
}

/** The same, locked: no scheduler fires it and nobody else changes it until the transaction ends. */
export async function lockSchedule(tx: Tx, name: string): Promise<Stored | undefined> {
  const [row] = await tx.query<Row & Record<string, unknown>>(
    `select ${COLUMNS} from schedules where name = $1 for update`,
    [name],
  )
  return row && storedOf(row)
}

/** Those that are due, locked; what another scheduler is at is left to it. */
export async function lockDue(tx: Tx, limit: number): Promise<readonly Stored[]> {
  const rows = await tx.query<Row & Record<string, unknown>>(
    `select ${COLUMNS} from schedules where paused_at is null and next_due_at <= tasks_now()
     order by next_due_at limit $1 for update skip locked`,
    [limit],
  )
  return rows.map(storedOf)
}

/** Notes what a round did with a schedule's due times. */
export async function advance(
  tx: Tx,
  name: string,
  { lastDueMs, nextDueMs, missed }: { lastDueMs: number | undefined; nextDueMs: number | undefined; missed: number },
): Promise<void> {
  await tx.query(
    `update schedules set last_due_at = coalesce(${at('$2')}, last_due_at), next_due_at = ${at('$3')}, missed = missed + $4 where name = $1`,
    [name, lastDueMs ?? null, nextDueMs ?? null, missed],
  )
}

export interface NewState {
  readonly definition: ScheduleDefinition
  readonly anchorMs: number
  readonly nextDueMs: number | undefined
  readonly by: string
  readonly seeded?: ScheduleDefinition | undefined
}

/** Writes a schedule, new or changed. Where it stands (paused, missed, the last due time) stays. */
export async function writeSchedule(tx: Tx, { definition, anchorMs, nextDueMs, by, seeded }: NewState): Promise<void> {
  const { name, taskName, everyMs, cron, timeZone, overlap, catchUp, catchUpWindowMs, jitterMs } = definition
  const timing = [everyMs ?? null, cron ?? null, timeZone ?? null]
  await tx.query(
    `insert into schedules (name, task_name, arguments, every_ms, cron, time_zone, overlap, catch_up, catch_up_window_ms, jitter_ms,
       anchor_at, next_due_at, seeded, updated_at, updated_by)
     values ($1, $2, $3::jsonb, $4, $5, $6, $7, $8, $9, $10, ${at('$11')}, ${at('$12')}, $13::jsonb, tasks_now(), $14)
     on conflict (name) do update set task_name = excluded.task_name, arguments = excluded.arguments, every_ms = excluded.every_ms,
       cron = excluded.cron, time_zone = excluded.time_zone, overlap = excluded.overlap, catch_up = excluded.catch_up,
       catch_up_window_ms = excluded.catch_up_window_ms, jitter_ms = excluded.jitter_ms, anchor_at = excluded.anchor_at,
       next_due_at = excluded.next_due_at, seeded = coalesce(excluded.seeded, schedules.seeded), version = schedules.version + 1,
       updated_at = excluded.updated_at, updated_by = excluded.updated_by`,
    [
      ...[name, taskName, JSON.stringify(definition.arguments), ...timing, overlap, catchUp, catchUpWindowMs, jitterMs],
      ...[anchorMs, nextDueMs ?? null, seeded === undefined ? null : JSON.stringify(seeded), by],
    ],
  )
}

/** Milliseconds of the database's clock, for what is computed here. */
export async function databaseNow(sql: Sql): Promise<number> {
  const [row] = await sql.query<{ nowMs: number }>(`select ${ms('tasks_now()')} as "nowMs"`)
  return row?.nowMs ?? Number.NaN
}

/** What a definition says, without where the schedule stands. */
export function definitionOf(schedule: Schedule): ScheduleDefinition {
  const {
    name,
    taskName,
    arguments: given,
    everyMs,
    cron,
    timeZone,
    overlap,
    catchUp,
    catchUpWindowMs,
    jitterMs,
  } = schedule
  const timing: Timing = everyMs === undefined ? { cron: cron as string, timeZone: timeZone as string } : { everyMs }
  return { name, taskName, arguments: given, ...timing, overlap, catchUp, catchUpWindowMs, jitterMs }
}

function storedOf({ everyMs, cron, timeZone, anchorMs, nextDueMs, nowMs, seeded, ...rest }: Row): Stored {
  const timing: Timing = everyMs === null ? { cron: cron ?? '', timeZone: timeZone ?? 'UTC' } : { everyMs }
  return { schedule: { ...rest, ...timing }, due: { ...timing, anchorMs }, nextDueMs, nowMs, seeded }
}
