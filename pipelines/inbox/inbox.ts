import type { Database, Tx } from '#pipelines/kernel/database.ts'

export const inboxMigrations = `${import.meta.dirname}/migrations`

/**
 * Takes an event for this transaction. False if the consumer has finished with it before; while another transaction is at it, this one waits for
 * its end. That wait also keeps the order of a key when a partition moves to another instance with work in flight.
 */
export async function claim(tx: Tx, consumer: string, eventId: string): Promise<boolean> {
  const rows = await tx.query(
    'insert into inbox (consumer, event_id) values ($1, $2) on conflict do nothing returning true as claimed',
    [consumer, eventId],
  )
  return rows.length === 1
}

/**
 * Notes that an event is dead-lettered, so that a repetition of it is not handled after all. False if the consumer has finished with it
 * before, or another transaction does so now: then it must not be dead-lettered, as a replay would do again what is done.
 */
export async function claimDead(tx: Tx, consumer: string, eventId: string): Promise<boolean> {
  const rows = await tx.query(
    `insert into inbox (consumer, event_id, state) values ($1, $2, 'DEAD') on conflict do nothing returning true as claimed`,
    [consumer, eventId],
  )
  return rows.length === 1
}

/**
 * Forgets some of what was finished long ago; event ids begin with their time, so the oldest stand together. A repetition that comes
 * later still is caught by the handlers, which are idempotent by their own keys. Returns whether there may be more.
 */
export async function pruneInbox(database: Database, consumer: string, keepMs: number, rows = 5_000): Promise<boolean> {
  // By an array, not a join: without statistics the planner joins the thousands with the whole table in nested loops, for seconds.
  const result = await database.pool.query(
    `delete from inbox where consumer = $1 and event_id = any(array(
       select event_id from (
         select event_id, state, finished_at from inbox where consumer = $1 order by event_id limit $2
       ) oldest
       where state = 'DONE' and finished_at < clock_timestamp() - $3::float8 * interval '1 millisecond'
     ))`,
    [consumer, rows, keepMs],
  )
  return (result.rowCount ?? 0) === rows
}

/**
 * Takes a dead-lettered event for the transaction that replays it. False if the consumer has finished with it after all, under another
 * position: then it must not be handled again. What could not be decoded when it was dead-lettered has no row yet.
 */
export async function claimReplayed(tx: Tx, consumer: string, eventId: string): Promise<boolean> {
  const rows = await tx.query(
    `insert into inbox as i (consumer, event_id) values ($1, $2)
     on conflict (consumer, event_id) do update set state = 'DONE', finished_at = clock_timestamp() where i.state = 'DEAD'
     returning true as claimed`,
    [consumer, eventId],
  )
  return rows.length === 1
}
