import type { ClickHouseClient } from '@clickhouse/client'
import { DEAD_LETTER } from '../ingest/dead-letter.ts'
import { type LogRange, placeKey } from '../ingest/source.ts'
import { ask } from './ask.ts'

/**
 * What Kafka holds of a topic against what the views show. Of each partition it begins at the first record that both may have: where the log begins
 * now, and not below what our own retention dropped.
 */
export interface TopicCompleteness {
  readonly topic: string
  /** Records that Kafka holds now. */
  readonly inKafka: number
  /** Of these, and of what has come since it was asked, what the views show. */
  readonly stored: number
  /** Records that the views show and Kafka does not hold any more. */
  readonly older: number
  /** Records that Kafka dropped before they were read: a topic's retention was shorter than the ingest was away. */
  readonly goneUnread: number
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
  readonly lowest: number
}

interface OlderRow {
  readonly topic: string
  readonly partition: number
  readonly older: number
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
  const floors = await ask<FloorRow>(
    db,
    'SELECT topic, partition, first_offset AS first, next_offset AS next FROM retention',
  )
  const floorOf = new Map(floors.map((row) => [placeKey(row), row]))
  const begun = ranges.map((range) => ({ ...range, begins: beginning(range, floorOf.get(placeKey(range))) }))
  const [places, older, topics] = await Promise.all([
    ask<PlaceRow>(
      db,
      `SELECT topic, partition, count() AS rows, uniqExact(offset) AS different, max(offset) + 1 AS next, min(offset) AS lowest
       FROM events GROUP BY topic, partition`,
    ),
    askOlder(db, begun),
    ask<TopicRow>(
      db,
      `SELECT topic, countIf(type != '${DEAD_LETTER}') - uniqExactIf(event_id, type != '${DEAD_LETTER}') AS repeated,
         countIf(type = '${DEAD_LETTER}') AS deadLetters, max(recorded_at) AS lastRecordedAt, max(ingested_at) AS lastIngestedAt
       FROM events GROUP BY topic`,
    ),
  ])
  const byPlace = new Map(places.map((row) => [placeKey(row), row]))
  const olderOf = new Map(older.map((row) => [placeKey(row), row.older]))
  const byTopic = new Map(topics.map((row) => [row.topic, row]))
  return [...Map.groupBy(begun, (range) => range.topic)].map(([topic, parts]) => {
    const compared = parts.map((range) => {
      const key = placeKey(range)
      return compare(range, byPlace.get(key), olderOf.get(key) ?? 0, floorOf.get(key))
    })
    const sum = (name: keyof PlaceCompleteness) => compared.reduce((total, place) => total + place[name], 0)
    const row = byTopic.get(topic)
    return {
      topic,
      inKafka: sum('inKafka'),
      stored: sum('stored'),
      older: sum('older'),
      goneUnread: sum('goneUnread'),
      lag: sum('lag'),
      missing: sum('missing'),
      twice: sum('twice'),
      repeated: row?.repeated ?? 0,
      deadLetters: row?.deadLetters ?? 0,
      lastRecordedAt: row?.lastRecordedAt ?? null,
      lastIngestedAt: row?.lastIngestedAt ?? null,
    }
  })
}

type Begun = LogRange & { readonly begins: number }
type PlaceCompleteness = Pick<
  TopicCompleteness,
  'inKafka' | 'stored' | 'older' | 'goneUnread' | 'lag' | 'missing' | 'twice'
>

/** The first offset that Kafka and the views may both have. */
function beginning({ first, end }: LogRange, floor: FloorRow | undefined): number {
  return Math.max(first, Math.min(end, floor?.first ?? 0))
}

/** Offsets have no holes: no transactions, no compaction. So what is not stored between two offsets is counted by subtracting. */
function compare(
  { begins, end }: Begun,
  row: PlaceRow | undefined,
  older: number,
  floor: FloorRow | undefined,
): PlaceCompleteness {
  const stored = (row?.different ?? 0) - older
  // Where the views' own history begins, of which only what was never read may lack.
  const history = floor?.first ?? Math.min(row?.lowest ?? begins, begins)
  return {
    inKafka: end - begins,
    stored,
    older,
    goneUnread: Math.max(0, begins - history - older),
    lag: Math.max(0, end - Math.max(row?.next ?? 0, floor?.next ?? 0, begins)),
    missing: row ? Math.max(0, row.next - begins - stored) : 0,
    twice: row ? row.rows - row.different : 0,
  }
}

/** Counts what is stored below where the comparison begins. Where every log is whole nothing is read. */
async function askOlder(db: ClickHouseClient, begun: readonly Begun[]): Promise<readonly OlderRow[]> {
  const cut = begun.filter(({ begins }) => begins > 0)
  if (cut.length === 0) return []
  return await ask<OlderRow>(
    db,
    `WITH cut AS (
       SELECT place.1 AS topic, place.2 AS partition, place.3 AS begins
       FROM (SELECT arrayJoin(arrayZip({topic:Array(String)}, {partition:Array(Int32)}, {begins:Array(Int64)})) AS place)
     )
     SELECT topic, partition, uniqExact(offset) AS older FROM events INNER JOIN cut USING (topic, partition)
     WHERE offset < begins AND (topic, partition) IN (SELECT topic, partition FROM cut) GROUP BY topic, partition`,
    {
      topic: cut.map(({ topic }) => topic),
      partition: cut.map(({ partition }) => partition),
      begins: cut.map(({ begins }) => begins),
    },
  )
}
