import type { ClickHouseClient } from '@clickhouse/client'
import { DEAD_LETTER } from '../ingest/dead-letter.ts'
import { type LogRange, placeKey } from '../ingest/source.ts'
import { ask } from './ask.ts'

/** What Kafka holds of a topic against what the views show. */
export interface TopicCompleteness {
  readonly topic: string
  /** Records that Kafka holds now. */
  readonly inKafka: number
  /** Of all records ever read, those that the views show. */
  readonly stored: number
  /** Records not read yet. */
  readonly lag: number
  /** Records that Kafka holds, older than the newest one stored, that are not stored. Always 0, or something is wrong. */
  readonly missing: number
  /** Records that the views show more than once. Always 0, or something is wrong. */
  readonly twice: number
  /** Events that were sent more than once (same eventId): no fault, consumers count by order. */
  readonly repeated: number
  readonly deadLetters: number
  readonly lastRecordedAt: string | null
  readonly lastIngestedAt: string | null
}

interface PlaceRow {
  readonly topic: string
  readonly partition: number
  readonly rows: number
  readonly different: number
  readonly next: number
  readonly first: number
}

/** What retention dropped of a place: events begin at `first`, and were taken in up to `next`. */
interface FloorRow {
  readonly topic: string
  readonly partition: number
  readonly first: number
  readonly next: number
}

interface TopicRow {
  readonly topic: string
  readonly repeated: number
  readonly deadLetters: number
  readonly lastRecordedAt: string
  readonly lastIngestedAt: string
}

/** Compares the log with the published events, topic by topic. Reads the whole history's keys: not for every second. */
export async function completeness(db: ClickHouseClient, ranges: readonly LogRange[]): Promise<TopicCompleteness[]> {
  const [places, floors, topics] = await Promise.all([
    ask<PlaceRow>(
      db,
      `SELECT topic, partition, count() AS rows, uniqExact(offset) AS different, max(offset) + 1 AS next, min(offset) AS first
       FROM events GROUP BY topic, partition`,
    ),
    ask<FloorRow>(db, 'SELECT topic, partition, first_offset AS first, next_offset AS next FROM retention'),
    ask<TopicRow>(
      db,
      `SELECT topic, countIf(type != '${DEAD_LETTER}') - uniqExactIf(event_id, type != '${DEAD_LETTER}') AS repeated,
         countIf(type = '${DEAD_LETTER}') AS deadLetters, max(recorded_at) AS lastRecordedAt, max(ingested_at) AS lastIngestedAt
       FROM events GROUP BY topic`,
    ),
  ])
  const byPlace = new Map(places.map((row) => [placeKey(row), row]))
  const floorOf = new Map(floors.map((row) => [placeKey(row), row]))
  const byTopic = new Map(topics.map((row) => [row.topic, row]))
  return [...Map.groupBy(ranges, (range) => range.topic)].map(([topic, parts]) => {
    const sum = (value: (range: LogRange, row: PlaceRow | undefined) => number) =>
      parts.reduce((total, range) => total + value(range, byPlace.get(placeKey(range))), 0)
    const row = byTopic.get(topic)
    return {
      topic,
      inKafka: sum(({ first, end }) => end - first),
      stored: sum((_range, one) => one?.different ?? 0),
      lag: sum((range, one) =>
        Math.max(0, range.end - (one?.next ?? floorOf.get(placeKey(range))?.next ?? range.first)),
      ),
      // Offsets have no holes: no transactions, no compaction. What was stored before the log's beginning counts from its own, and nothing from
      // before where retention dropped it.
      missing: sum((range, one) => {
        const began = Math.max(floorOf.get(placeKey(range))?.first ?? 0, Math.min(range.first, one?.first ?? 0))
        return one ? Math.max(0, one.next - began - one.different) : 0
      }),
      twice: sum((_range, one) => (one ? one.rows - one.different : 0)),
      repeated: row?.repeated ?? 0,
      deadLetters: row?.deadLetters ?? 0,
      lastRecordedAt: row?.lastRecordedAt ?? null,
      lastIngestedAt: row?.lastIngestedAt ?? null,
    }
  })
}
