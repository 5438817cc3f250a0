import type { ClickHouseClient } from '@clickhouse/client'
import { CodedError } from '#pipelines/kernel/errors.ts'
import type { Databases } from '../tables/migrate.ts'
import { type LogRange, type Place, placeKey } from './source.ts'
import type { TopicIdentity } from './topic-ids.ts'

/**
 * What was taken in, asked of ClickHouse itself: the next offset of each place that has any. Where the events are one partition it is their
 * greatest offset, as an insert is then one part; else what was written after the insert. Retention may have dropped all rows of a place.
 */
export async function storedPositions(
  db: ClickHouseClient,
  { store }: Databases,
  topics: readonly string[],
): Promise<Map<string, number>> {
  const from = (await isPartitioned(db, { store }))
    ? `SELECT topic, partition, next_offset AS next FROM ${store}.positions`
    : `SELECT topic, partition, max(offset) + 1 AS next FROM ${store}.events WHERE topic IN {topics:Array(String)} GROUP BY topic, partition`
  const answer = await db.query({
    query: `SELECT topic, partition, max(next) AS next FROM
      (${from} UNION ALL SELECT topic, partition, next_offset AS next FROM ${store}.retention_floors)
      WHERE topic IN {topics:Array(String)} GROUP BY topic, partition`,
    query_params: { topics: [...topics] },
    format: 'JSONEachRow',
    clickhouse_settings: { output_format_json_quote_64bit_integers: 0 },
  })
  const rows = await answer.json<{ topic: string; partition: number; next: number }>()
  return new Map(rows.map((row) => [placeKey(row), row.next]))
}

/** Whether one insert of events can be several parts, as the table has partitions (`tables/layout.ts`; on a cluster the one under it, `deploy/cluster.ts`). */
export async function isPartitioned(db: ClickHouseClient, { store }: Pick<Databases, 'store'>): Promise<boolean> {
  const answer = await db.query({
    query: `SELECT 1 AS one FROM system.tables WHERE database = {store:String} AND name IN ('events', 'events_local') AND partition_key != ''`,
    query_params: { store },
    format: 'JSONEachRow',
  })
  return (await answer.json()).length > 0
}

/**
 * Holds the stored positions to the topics they were taken from, and remembers topics seen for the first time.
 * @throws CodedError `TOPIC_RECREATED`, `TOPIC_MISSING`
 */
export async function checkTopics(
  db: ClickHouseClient,
  { store }: Databases,
  { clusterId, ids }: TopicIdentity,
  topics: readonly string[],
): Promise<void> {
  const answer = await db.query({
    query: `SELECT topic, cluster_id, topic_id FROM ${store}.sources`,
    format: 'JSONEachRow',
  })
  const seen = new Map(
    (await answer.json<{ topic: string; cluster_id: string; topic_id: string }>()).map((row) => [row.topic, row]),
  )
  const first: { topic: string; cluster_id: string; topic_id: string }[] = []
  for (const topic of topics) {
    const id = ids.get(topic)
    if (id === undefined)
      throw new CodedError('TOPIC_MISSING', `topic ${topic} does not exist: provision the topics first`)
    const before = seen.get(topic)
    if (!before) first.push({ topic, cluster_id: clusterId, topic_id: id })
    else if (before.topic_id !== id || before.cluster_id !== clusterId) {
      throw new CodedError(
        'TOPIC_RECREATED',
        `topic ${topic} is not the one that was read before (id ${before.topic_id} of cluster ${before.cluster_id}, now ${id} of ${clusterId}): its offsets begin anew, and analytics would skip or mix them. Wipe analytics together with Kafka (eshop reset), or give analytics an empty database`,
        { facts: { topic, before, id, clusterId } },
      )
    }
  }
  if (first.length > 0) await db.insert({ table: `${store}.sources`, values: first, format: 'JSONEachRow' })
}

/** Records that the log dropped before they were read. */
export interface Hole extends Place {
  readonly from: number
  readonly count: number
}

/**
 * Where to read each place from, given what is stored and what the log still holds.
 * @throws CodedError `POSITION_BEYOND_LOG` when more was taken in than the log ever held
 */
export function whereToRead(
  places: readonly Place[],
  stored: ReadonlyMap<string, number>,
  ranges: readonly LogRange[],
): { from: Map<string, number>; holes: readonly Hole[] } {
  const byPlace = new Map(ranges.map((range) => [placeKey(range), range]))
  const from = new Map<string, number>()
  const holes: Hole[] = []
  for (const place of places) {
    const range = byPlace.get(placeKey(place))
    const first = range?.first ?? 0
    const next = stored.get(placeKey(place)) ?? first
    if (range && next > range.end) {
      throw new CodedError(
        'POSITION_BEYOND_LOG',
        `${placeKey(place)} was taken in up to ${next}, but its log ends at ${range.end}: it lost records or was made anew`,
        { facts: { ...place, next, end: range.end } },
      )
    }
    if (next < first) holes.push({ topic: place.topic, partition: place.partition, from: next, count: first - next })
    from.set(placeKey(place), Math.max(next, first))
  }
  return { from, holes }
}
