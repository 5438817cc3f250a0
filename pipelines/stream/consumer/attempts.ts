import type { Sql } from '#pipelines/kernel/database.ts'
import type { Position, TopicPartition } from '../binders/types.ts'

const PLACE = 'consumer = $1 and topic = $2 and partition = $3'

function placeOf(consumer: string, { topic, partition, offset }: Position): unknown[] {
  return [consumer, topic, partition, offset]
}

/** Notes one more try of a record, at least as many as given. Returns how many there were, with this one. */
export async function countAttempt(sql: Sql, consumer: string, at: Position, atLeast = 1): Promise<number> {
  const [row] = await sql.query<{ attempts: number }>(
    `insert into consumer_attempts as a (consumer, topic, partition, "offset", attempts) values ($1, $2, $3, $4, $5)
     on conflict (consumer, topic, partition, "offset") do update
       set attempts = greatest(a.attempts + 1, $5), tried_at = clock_timestamp()
     returning attempts`,
    [...placeOf(consumer, at), atLeast],
  )
  return row?.attempts ?? atLeast
}

export async function forgetAttempts(sql: Sql, consumer: string, at: Position): Promise<void> {
  await sql.query(`delete from consumer_attempts where ${PLACE} and "offset" = $4`, placeOf(consumer, at))
}

export interface PartitionHistory {
  /** How often the partition was begun at this very offset without a shutdown in between; 1 is the first time. */
  readonly starts: number
  /** Tries of the records from here on, by offset. */
  readonly attempts: ReadonlyMap<string, number>
}

/** Notes that a partition is begun at an offset. */
export async function beginPartition(sql: Sql, consumer: string, from: Position): Promise<PartitionHistory> {
  const [started] = await sql.query<{ starts: number }>(
    `insert into consumer_starts as s (consumer, topic, partition, from_offset, starts) values ($1, $2, $3, $4, 1)
     on conflict (consumer, topic, partition) do update
       set starts = case when s.from_offset = $4 then s.starts + 1 else 1 end, from_offset = $4, started_at = clock_timestamp()
     returning starts`,
    placeOf(consumer, from),
  )
  const rows = await sql.query<{ offset: number; attempts: number }>(
    `select "offset", attempts from consumer_attempts where ${PLACE} and "offset" >= $4`,
    placeOf(consumer, from),
  )
  return {
    starts: started?.starts ?? 1,
    attempts: new Map(rows.map(({ offset, attempts }) => [String(offset), attempts])),
  }
}

/** A shutdown in order: the next start is a first one. */
export async function endPartitions(sql: Sql, consumer: string, partitions: readonly TopicPartition[]): Promise<void> {
  if (partitions.length === 0) return
  await sql.query(
    `delete from consumer_starts using unnest($2::text[], $3::int[]) as gone (topic, partition)
     where consumer = $1 and consumer_starts.topic = gone.topic and consumer_starts.partition = gone.partition`,
    [consumer, partitions.map(({ topic }) => topic), partitions.map(({ partition }) => partition)],
  )
}
