import type { Database } from '#pipelines/kernel/database.ts'
import type { RelayConnection, UnsentRow } from './relay-connection.ts'
import { SLOTS } from './slots.ts'

/**
 * What is unsent, per slot the first by id. By `sent_at is null`, never by `id >` what was read last: ids are given before the commit,
 * so a transaction that commits late would be passed over for ever.
 */
const READ = `
  select o.id, o.slot, o.topic, o.key, o.event_id as "eventId", o.event_type as "eventType", o.payload, o.headers
  from unnest($1::smallint[]) as mine (slot)
  cross join lateral (
    select * from outbox where outbox.slot = mine.slot and sent_at is null order by id + 0 limit $2
  ) o`

const MARK = 'update outbox set sent_at = clock_timestamp() where id = any($1::bigint[])'

/**
 * A range of the primary key, whatever the size of the table. What was created within the time that sent rows are kept cannot have
 * been sent before it, so there the walk ends.
 */
const PRUNE = `
  with cut as (select clock_timestamp() - $1::float8 * interval '1 millisecond' as off),
  looked as (select id, created_at, sent_at from outbox where id > $2 order by id limit $3),
  gone as (
    delete from outbox where id = any(array(select id from looked where sent_at < (select off from cut)))
  )
  select max(id) as "upTo", count(*) = $3 and max(created_at) < (select off from cut) as "hasMore" from looked`

export function readUnsent(
  connection: RelayConnection,
  slots: readonly number[],
  rowsPerSlot: number,
): Promise<UnsentRow[]> {
  return connection.query<UnsentRow & Record<string, unknown>>('relay-read', READ, [slots, rowsPerSlot])
}

export async function markSent(connection: RelayConnection, ids: readonly number[]): Promise<void> {
  await connection.query('relay-mark', MARK, [ids])
}

/**
 * Looks at some rows by id and deletes those that were sent long enough ago. Returns the id to go on after, undefined at the end:
 * going on, and not beginning anew, is what leads past rows that cannot be sent.
 */
export async function pruneSent(
  database: Database,
  keepMs: number,
  { after = 0, rows = 5_000 }: { readonly after?: number; readonly rows?: number } = {},
): Promise<number | undefined> {
  const [looked] = await database.query<{ upTo: number | null; hasMore: boolean | null }>(PRUNE, [keepMs, after, rows])
  return looked?.hasMore ? (looked.upTo ?? undefined) : undefined
}

export interface Backlog {
  /** Counted up to a limit. */
  readonly unsent: number
  /** How long the oldest unsent event waits; 0 if none does. */
  readonly oldestSeconds: number
}

/** More are not counted: in a long outage there are millions, and counting them all at each scrape would slow the database down as well. */
export const MOST_COUNTED = 10_001

/** By `id + 0` in each slot, as the relay reads: the index of unsent rows, whatever else is in the table. */
const BACKLOG = `
  with slots as (select generate_series(0, ${SLOTS - 1})::smallint as slot)
  select
    (select count(*) from (
      select from slots cross join lateral (
        select from outbox where outbox.slot = slots.slot and sent_at is null order by id + 0 limit $1
      ) o limit $1
    ) counted) as unsent,
    coalesce((
      select extract(epoch from clock_timestamp() - min(o.created_at)) from slots cross join lateral (
        select created_at from outbox where outbox.slot = slots.slot and sent_at is null order by id + 0 limit 1
      ) o
    ), 0)::float8 as "oldestSeconds"`

export async function backlogOf(database: Database, most = MOST_COUNTED): Promise<Backlog> {
  const [backlog] = await database.query<Backlog & Record<string, unknown>>(BACKLOG, [most])
  return backlog ?? { unsent: 0, oldestSeconds: 0 }
}
