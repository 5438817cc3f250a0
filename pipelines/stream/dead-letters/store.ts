import type { Database, Sql, Tx } from '#pipelines/kernel/database.ts'
import { newId } from '#pipelines/kernel/ids.ts'

export const DEAD_LETTER_STATES = ['OPEN', 'REPLAYED', 'DISCARDED'] as const
export type DeadLetterState = (typeof DEAD_LETTER_STATES)[number]

/** A record that could not be handled, as it was. */
export interface DeadLetter {
  readonly id: string
  readonly topic: string
  readonly partition: number
  readonly offset: string
  readonly key: string | null
  readonly eventId: string | null
  readonly eventType: string | null
  /** Null when the record had none, or they are forgotten. */
  readonly payload: Buffer | null
  readonly headers: Readonly<Record<string, string>>
  /** Broker time of the record. */
  readonly recordedAt: Date
  readonly attempts: number
  readonly code: string
  readonly reason: string
  readonly stack: string | null
  readonly state: DeadLetterState
  readonly deadAt: Date
  /** When bytes, headers and key were deleted. */
  readonly forgottenAt: Date | null
}

export interface DeadLetterAction {
  readonly action: 'REPLAY' | 'DISCARD'
  readonly by: string
  readonly outcome: 'DONE' | 'UNCHANGED' | 'FAILED'
  readonly reason: string | null
  readonly at: Date
}

const COLUMNS = `id, topic, partition, "offset"::text as offset, key, event_id as "eventId", event_type as "eventType", payload, headers,
  recorded_at as "recordedAt", attempts, code, reason, stack, state, created_at as "deadAt", forgotten_at as "forgottenAt"`
const LAST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff'

export interface DeadLetterFilter {
  readonly state?: DeadLetterState | undefined
  readonly topic?: string | undefined
  readonly code?: string | undefined
  /** Only older ones: the last of the page before. */
  readonly before?: string | undefined
  readonly limit: number
}

/** Newest first: ids are UUIDv7, so a page goes along the primary key. */
export function listDeadLetters(sql: Sql, consumer: string, filter: DeadLetterFilter): Promise<DeadLetter[]> {
  const { state = null, topic = null, code = null, before = LAST_ID, limit } = filter
  return sql.query<DeadLetter & Record<string, unknown>>(
    `select ${COLUMNS} from dead_letters
     where consumer = $1 and id < $2 and ($3::text is null or state = $3) and ($4::text is null or topic = $4) and ($5::text is null or code = $5)
     order by id desc limit $6`,
    [consumer, before, state, topic, code, limit],
  )
}

export async function findDeadLetter(sql: Sql, consumer: string, id: string): Promise<DeadLetter | undefined> {
  const [letter] = await sql.query<DeadLetter & Record<string, unknown>>(
    `select ${COLUMNS} from dead_letters where consumer = $1 and id = $2`,
    [consumer, id],
  )
  return letter
}

/** Locks a dead letter until the transaction ends, and reads how it stands. */
export async function lockDeadLetter(tx: Tx, consumer: string, id: string): Promise<DeadLetterState | undefined> {
  const [row] = await tx.query<{ state: DeadLetterState }>(
    'select state from dead_letters where consumer = $1 and id = $2 for update',
    [consumer, id],
  )
  return row?.state
}

export async function endDeadLetter(tx: Tx, id: string, state: 'REPLAYED' | 'DISCARDED'): Promise<void> {
  await tx.query('update dead_letters set state = $2 where id = $1', [id, state])
}

/** The audit: who did what about a dead letter, and what came of it. */
export async function noteAction(
  sql: Sql,
  id: string,
  { action, by, outcome, reason }: Omit<DeadLetterAction, 'at'>,
): Promise<void> {
  await sql.query(
    'insert into dead_letter_actions (id, dead_letter_id, action, by, outcome, reason) values ($1, $2, $3, $4, $5, $6)',
    [newId(), id, action, by, outcome, reason],
  )
}

/** Oldest first. */
export function actionsOn(sql: Sql, id: string): Promise<DeadLetterAction[]> {
  return sql.query<DeadLetterAction & Record<string, unknown>>(
    'select action, by, outcome, reason, acted_at as at from dead_letter_actions where dead_letter_id = $1 order by id',
    [id],
  )
}

/** How many are open, by topic. */
export function openDeadLetters(sql: Sql, consumer: string): Promise<{ topic: string; letters: number }[]> {
  return sql.query(
    `select topic, count(*)::int as letters from dead_letters where consumer = $1 and state = 'OPEN' group by topic`,
    [consumer],
  )
}

/**
 * Deletes bytes, headers and keys of dead letters that are older than `keepMs`, also of those that are still open: after that they can be
 * discarded, not replayed. Returns whether there may be more.
 */
export async function forgetBytes(
  database: Database,
  consumer: string,
  keepMs: number,
  rows = 1_000,
): Promise<boolean> {
  const result = await database.pool.query(
    `update dead_letters set payload = null, headers = '{}', key = null, forgotten_at = clock_timestamp()
     where id in (
       select id from dead_letters
       where consumer = $1 and forgotten_at is null and created_at < clock_timestamp() - $2::float8 * interval '1 millisecond'
       order by created_at limit $3 for update skip locked
     )`,
    [consumer, keepMs, rows],
  )
  return (result.rowCount ?? 0) === rows
}
