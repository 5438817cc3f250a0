import type { ClickHouseClient } from '@clickhouse/client'
import { ask } from './ask.ts'

export interface Freshness {
  /** Records of the last five minutes. */
  readonly records: number
  /** From Kafka's time of the record until it was stored, in milliseconds. */
  readonly p50Ms: number | null
  readonly p99Ms: number | null
  readonly lastIngestedAt: string | null
}

/** How old records are when they can be read, over the last five minutes. */
export async function freshness(db: ClickHouseClient): Promise<Freshness> {
  const [row] = await ask<Freshness>(
    db,
    `SELECT count() AS records, quantileExactOrNull(0.5)(dateDiff('millisecond', recorded_at, ingested_at)) AS p50Ms,
       quantileExactOrNull(0.99)(dateDiff('millisecond', recorded_at, ingested_at)) AS p99Ms, maxOrNull(ingested_at) AS lastIngestedAt
     FROM events_since(since = now64(3) - INTERVAL 5 MINUTE)`,
  )
  return row as Freshness
}
