import type { ClickHouseClient } from '@clickhouse/client'
import { DAY } from '#pipelines/kernel/clock.ts'
import { storedPositions } from '../ingest/positions.ts'
import { placeKey } from '../ingest/source.ts'
import { changing } from '../tables/changing.ts'
import type { Databases } from '../tables/migrate.ts'

interface Old {
  readonly topic: string
  readonly partition: number
  readonly lowest: number
  readonly cut: number
}

/**
 * Drops events that Kafka recorded before so many days, counted back from the beginning of today (UTC): of each partition what lies below the
 * first offset that is young enough, so that what stays has no holes. Positions stay where they are, and completeness begins where the events do.
 * @returns how many rows were dropped
 */
export async function dropOldEvents(
  db: ClickHouseClient,
  databases: Databases,
  keepDays: number,
  now: number,
): Promise<number> {
  if (keepDays === 0) return 0
  const { store } = databases
  const horizon = new Date(Math.floor(now / DAY) * DAY - keepDays * DAY).toISOString().replace('T', ' ').slice(0, 19)
  const query = <Row>(sql: string) => rowsOf<Row>(db, sql)
  const old = await query<Old>(
    `SELECT topic, partition, min(offset) AS lowest, if(countIf(recorded_at >= '${horizon}') = 0, max(offset) + 1, minIf(offset, recorded_at >= '${horizon}')) AS cut
     FROM ${store}.events GROUP BY topic, partition HAVING cut > lowest`,
  )
  if (old.length === 0) return 0
  // 1. Where events begin from now on, and how far they had come. A crash after it drops the rows the next time.
  const positions = await storedPositions(db, databases, [...new Set(old.map(({ topic }) => topic))])
  const floors = old.flatMap(({ topic, partition, cut }) => {
    const next = positions.get(placeKey({ topic, partition }))
    return next === undefined ? [] : [{ topic, partition, first_offset: Math.min(cut, next), next_offset: next }]
  })
  await db.insert({ table: `${store}.retention_floors`, values: floors, format: 'JSONEachRow' })
  // 2. The rows. By offset and not by time: what comes in meanwhile, however old, is above.
  const below = floors.map(
    ({ topic, partition, first_offset }) =>
      `(topic = '${topic}' AND partition = ${partition} AND offset < ${first_offset})`,
  )
  const condition = below.join(' OR ')
  const [counted] = await query<{ rows: number }>(`SELECT count() AS rows FROM ${store}.events WHERE ${condition}`)
  const { target, settings } = await changing(db, databases)
  await db.command({
    query: `ALTER TABLE ${target('events')} DELETE WHERE ${condition}`,
    clickhouse_settings: settings,
  })
  return counted?.rows ?? 0
}

async function rowsOf<Row>(db: ClickHouseClient, query: string): Promise<Row[]> {
  const clickhouse_settings = { output_format_json_quote_64bit_integers: 0 } as const
  return await (await db.query({ query, format: 'JSONEachRow', clickhouse_settings })).json<Row>()
}
