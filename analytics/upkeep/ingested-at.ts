import type { ClickHouseClient } from '@clickhouse/client'
import type { Databases } from '../tables/migrate.ts'
import { storedColumns } from './stored-columns.ts'

/** Offsets of one statement: what of each is in memory at once is a place and a time, as many times as a topic has partitions. */
const OFFSETS_AT_ONCE = 200_000

interface Piece {
  readonly topic: string
  readonly first: number
  readonly end: number
}

/**
 * Gives the records of a rebuilt store the times at which they were taken in first, as the old tables have them: else the freshness of all history would be
 * the age that it had at the rebuild, and what is kept for days after it was stored would be kept anew. A record that the old tables do not have keeps its own
 * time. Nobody may write into the new tables meanwhile. Broken off, the new tables are as good as nothing: the next rebuild makes them anew.
 */
export async function keepIngestedAt(db: ClickHouseClient, old: Databases, next: Databases): Promise<void> {
  for (const table of ['events', 'dead_letters']) {
    const [from, timed] = [`${next.store}.${table}`, `${next.store}.${table}_timed`]
    const columns = await storedColumns(db, next, table)
    const chosen = columns
      .split(', ')
      .map((name) => (name === 'ingested_at' ? 'if(first.at = 0, again.ingested_at, first.at)' : `again.${name}`))
    // By way of a table of its own: a mutation that joins is none.
    await db.command({ query: `CREATE TABLE ${timed} AS ${from}` })
    for (const pieces of packed(await topicsOf(db, from))) {
      const here = pieces
        .map(({ topic, first, end }) => `(topic = '${topic}' AND offset >= ${first} AND offset < ${end})`)
        .join(' OR ')
      await db.command({
        query: `INSERT INTO ${timed} (${columns}) SELECT ${chosen.join(', ')} FROM (SELECT ${columns} FROM ${from} FINAL WHERE ${here}) AS again
          LEFT JOIN (SELECT topic, partition, offset, min(ingested_at) AS at FROM ${old.store}.${table} WHERE ${here} GROUP BY topic, partition, offset) AS first
          ON again.topic = first.topic AND again.partition = first.partition AND again.offset = first.offset`,
        clickhouse_settings: { join_use_nulls: 0 },
      })
    }
    await db.command({ query: `EXCHANGE TABLES ${from} AND ${timed}` })
    await db.command({ query: `DROP TABLE ${timed}` })
  }
}

/** What one statement goes over: a part of a large topic, or several small ones. */
function packed(topics: readonly Piece[]): readonly (readonly Piece[])[] {
  const packs: Piece[][] = []
  let room = 0
  for (const { topic, first, end } of topics)
    for (let from = first; from < end; from += OFFSETS_AT_ONCE) {
      const piece = { topic, first: from, end: Math.min(end, from + OFFSETS_AT_ONCE) }
      if (packs.length === 0 || piece.end - piece.first > room) {
        packs.push([])
        room = OFFSETS_AT_ONCE
      }
      packs.at(-1)?.push(piece)
      room -= piece.end - piece.first
    }
  return packs
}

async function topicsOf(db: ClickHouseClient, table: string): Promise<readonly Piece[]> {
  const answer = await db.query({
    query: `SELECT topic, min(offset) AS first, max(offset) + 1 AS end FROM ${table} GROUP BY topic ORDER BY topic`,
    format: 'JSONEachRow',
    clickhouse_settings: { output_format_json_quote_64bit_integers: 0 },
  })
  return await answer.json<Piece>()
}
