import type { Database } from '#pipelines/kernel/database.ts'
import type { RelayConnection, UnsentRow } from './relay-connection.ts'

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

/** The oldest rows first, and no more than a handful at a time: an index range, whatever the size of the table. */
const PRUNE = `
  delete from outbox using (
    select id, sent_at from outbox order by id limit $1
  ) oldest
  where outbox.id = oldest.id and oldest.sent_at < clock_timestamp() - $2::float8 * interval '1 millisecond'`

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

/** Deletes some of what was sent long enough ago. Returns whether there may be more. */
export async function pruneSent(database: Database, keepMs: number, rows = 5_000): Promise<boolean> {
  const result = await database.pool.query(PRUNE, [rows, keepMs])
  return (result.rowCount ?? 0) === rows
}

export interface Backlog {
  readonly unsent: number
  /** How long the oldest unsent event waits; 0 if none does. */
  readonly oldestSeconds: number
}

export async function backlogOf(database: Database): Promise<Backlog> {
  const [backlog] = await database.query<Backlog & Record<string, unknown>>(
    `select count(*) as unsent, coalesce(extract(epoch from clock_timestamp() - min(created_at)), 0)::float8 as "oldestSeconds"
     from outbox where sent_at is null`,
  )
  return backlog ?? { unsent: 0, oldestSeconds: 0 }
}
