import type { ClickHouseClient } from '@clickhouse/client'
import type { Routes } from '#pipelines/http/types.ts'
import { Type } from '#pipelines/kernel/config.ts'
import type { LogRange } from '../ingest/source.ts'
import { completeness } from '../queries/completeness.ts'
import { freshness } from '../queries/freshness.ts'
import { Count, READERS, Text, When } from './shapes.ts'

const Milliseconds = Type.Union([Type.Number(), Type.Null()])
const Freshness = Type.Object({ records: Count, p50Ms: Milliseconds, p99Ms: Milliseconds, lastIngestedAt: When })
const Topic = Type.Object({
  topic: Text,
  inKafka: Count,
  stored: Count,
  older: Count,
  goneUnread: Count,
  lag: Count,
  missing: Type.Integer(),
  twice: Count,
  repeated: Count,
  deadLetters: Count,
  lastRecordedAt: When,
  lastIngestedAt: When,
})
const Completeness = Type.Object({
  missing: Type.Integer(),
  twice: Count,
  lag: Count,
  deadLetters: Count,
  topics: Type.Array(Topic),
})

/** How far the views can be trusted: how fresh they are, and whether anything of Kafka is missing or there twice. */
export function pipelineRoutes(db: ClickHouseClient, ranges: () => Promise<readonly LogRange[]>): Routes {
  return (app) => {
    app.get(
      '/v1/analytics/freshness',
      {
        config: { access: READERS },
        schema: { summary: 'Age of records when they can be read, over five minutes', response: { 200: Freshness } },
      },
      async () => freshness(db),
    )
    app.get(
      '/v1/analytics/completeness',
      {
        config: { access: READERS },
        schema: {
          summary: 'Records in Kafka against records in the views, per topic',
          response: { 200: Completeness },
        },
      },
      async () => {
        const topics = await completeness(db, await ranges())
        const sum = (name: 'missing' | 'twice' | 'lag' | 'deadLetters') =>
          topics.reduce((total, topic) => total + topic[name], 0)
        return {
          missing: sum('missing'),
          twice: sum('twice'),
          lag: sum('lag'),
          deadLetters: sum('deadLetters'),
          topics,
        }
      },
    )
  }
}
