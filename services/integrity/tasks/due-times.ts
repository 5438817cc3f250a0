import pg from 'pg'
import type { LogRecord } from '../oracle/evidence.ts'

/** A run, and how it stands by the tasks database: read raw, as the oracle reads. */
interface Books {
  /** Due times with more than one first attempt. */
  readonly twice: readonly string[]
  /** Executions that were put on record, or began, before they were due. */
  readonly early: readonly string[]
  /** Schedules whose due times since they were made are not all run, SKIPPED or counted as missed. */
  readonly unexplained: readonly string[]
  /** Runs without an end for longer than a claim may wait and a lost run may stay unseen. */
  readonly open: readonly string[]
  /** Schedules of which nothing has SUCCEEDED lately. */
  readonly silent: readonly string[]
  /** Changes that are not published, by where they wait. */
  readonly unpublished: readonly string[]
}

const ASK = `
  select
    array(select schedule_name || ' at ' || due_at from executions where attempt = 1 and trigger = 'SCHEDULE'
      group by schedule_name, due_at having count(*) > 1) as twice,
    array(select execution_id::text from executions where requested_at < due_at or started_at < due_at) as early,
    array(select s.name || ': ' || due.expected || ' due times, ' || due.fired || ' on record, ' || s.missed || ' missed'
      from schedules s cross join lateral (
        select round(extract(epoch from s.next_due_at - s.anchor_at) * 1000 / s.every_ms)::int - 1 as expected,
          (select count(*)::int from executions e where e.schedule_name = s.name and attempt = 1 and trigger = 'SCHEDULE') as fired
      ) due where s.every_ms is not null and due.expected <> due.fired + s.missed) as unexplained,
    array(select task_name || ' ' || execution_id || ' is ' || status from executions
      where status in ('QUEUED', 'RUNNING') and not_before < now() - interval '90 seconds') as open,
    array(select s.name from schedules s where s.paused_at is null and not exists (
      select from executions e where e.schedule_name = s.name and e.status = 'SUCCEEDED' and e.ended_at > now() - interval '20 seconds')) as silent,
    array(select 'outbox: ' || event_type from outbox where sent_at is null and created_at < now() - interval '10 seconds'
      union all select 'execution_changes' from execution_changes where changed_at < now() - interval '10 seconds') as unpublished`

/** What each execution that had ended by a time must have told of itself. */
const TOLD = `
  select execution_id::text as id, version from executions where ended_at < to_timestamp($1::float8 / 1000)`

/**
 * Everything that is wrong with what schedules fired and what became of it, in words. Runs that had ended before `endedBeforeMs` must have
 * told each of their changes in `records`.
 * @param url of the tasks database
 */
export async function wrongDueTimes(
  url: string,
  { records, endedBeforeMs }: { readonly records: readonly LogRecord[]; readonly endedBeforeMs: number },
): Promise<readonly string[]> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {}) // the query under way tells
  await client.connect()
  try {
    const { rows: books } = await client.query<Books & Record<string, unknown>>(ASK)
    const { rows: ended } = await client.query<{ id: string; version: number }>(TOLD, [endedBeforeMs])
    const told = new Set(
      records
        .filter(({ topic }) => topic === 'task-executions')
        .map(({ value }) => `${value.executionId} ${value.version}`),
    )
    const untold = ended.flatMap(({ id, version }) =>
      Array.from({ length: version }, (_, index) => `${id} ${index + 1}`).filter((change) => !told.has(change)),
    )
    return [...Object.entries(books[0] ?? {}), ['untold', untold] as const].flatMap(([what, some]) =>
      (some as readonly string[]).map((one) => `${what}: ${one}`),
    )
  } finally {
    await client.end()
  }
}
