import type { ClickHouseClient } from '@clickhouse/client'
import { CodedError } from '#pipelines/kernel/errors.ts'
import { changing } from './changing.ts'
import type { Databases } from './migrate.ts'

/** What one partition of a table holds. Whole partitions are cheap to drop and to move; a store of less than some 100 GB needs none. */
export type Interval = 'none' | 'day' | 'week' | 'month'

/** How the tables lie and how long their rows stay. Days; 0 is for ever. */
export interface Layout {
  readonly partition: { readonly events: Interval; readonly orders: Interval }
  readonly keepDays: {
    readonly events: number
    readonly orders: number
    readonly deadLetters: number
    readonly imported: number
  }
}

export const DEFAULT_LAYOUT: Layout = {
  partition: { events: 'none', orders: 'none' },
  keepDays: { events: 0, orders: 0, deadLetters: 0, imported: 0 },
}

/** The time in an order's id, which all rows of the order share: so they meet in one partition, and go together. */
const ORDERED_AT = "UUIDv7ToDateTime(order_id, 'UTC')"
const STARTS = { day: 'toDate', week: 'toMonday', month: 'toYYYYMM' } as const
const PARTITIONED = { events: 'recorded_at', orders: ORDERED_AT } as const

/** Tables whose rows ClickHouse drops by itself, in merges, and by which time. Ids without a time (no UUIDv7) stay. */
const EXPIRES = {
  orders: {
    by: ORDERED_AT,
    only: ` WHERE ${ORDERED_AT} > toDateTime64('1971-01-01 00:00:00', 3, 'UTC')`,
    keep: 'orders',
  },
  dead_letters: { by: 'ingested_at', only: '', keep: 'deadLetters' },
  imported_lines: { by: 'imported_at', only: '', keep: 'imported' },
  imported_orders: { by: 'imported_at', only: '', keep: 'imported' },
} as const

interface TableRow {
  readonly name: string
  readonly partition_key: string
  readonly create: string
}

/**
 * Brings the tables to what the settings say. Days are changed in place. A partition key only while a table is empty: else what waits for
 * `eshop analytics rebuild` is returned, a sentence each. Events are dropped by `upkeep/retention.ts`, as their offsets have to be kept.
 */
export async function applyLayout(
  db: ClickHouseClient,
  { store }: Databases,
  { partition, keepDays }: Layout,
): Promise<readonly string[]> {
  const answer = await db.query({
    query: `SELECT name, partition_key, create_table_query AS create FROM system.tables WHERE database = {store:String}`,
    query_params: { store },
    format: 'JSONEachRow',
  })
  const tables = new Map((await answer.json<TableRow>()).map((row) => [row.name, row]))
  const waits: string[] = []
  const how = await changing(db, { store })
  for (const name of ['events', 'orders'] as const) {
    const row = tables.get(how.local(name))
    const wished = partition[name] === 'none' ? '' : `${STARTS[partition[name]]}(${PARTITIONED[name]})`
    if (!row || row.partition_key === wished) continue
    if (how.onCluster)
      waits.push(
        `${name} is partitioned by ${row.partition_key || 'nothing'}, and is to be by ${wished || 'nothing'}: on a cluster that is made once, by eshop analytics ddl`,
      )
    else if (await hasRows(db, `${store}.${name}`))
      waits.push(
        `${name} is partitioned by ${row.partition_key || 'nothing'}, and is to be by ${wished || 'nothing'}: eshop analytics rebuild does it`,
      )
    else await repartition(db, store, row, wished)
  }
  for (const [name, { by, only, keep }] of Object.entries(EXPIRES)) {
    const days = keepDays[keep]
    const created = tables.get(how.local(name))?.create
    if (created === undefined || daysOf(created) === days) continue
    const change = days === 0 ? 'REMOVE TTL' : `MODIFY TTL toDateTime(${by}) + toIntervalDay(${days}) DELETE${only}`
    await db.command({ query: `ALTER TABLE ${how.target(name)} ${change}`, clickhouse_settings: how.settings })
  }
  return waits
}

function daysOf(created: string): number {
  return Number(/ TTL .*toIntervalDay\((\d+)\)/.exec(created)?.[1] ?? 0)
}

async function hasRows(db: ClickHouseClient, table: string): Promise<boolean> {
  const answer = await db.query({ query: `SELECT 1 AS one FROM ${table} LIMIT 1`, format: 'JSONEachRow' })
  return (await answer.json()).length > 0
}

/** An empty table is made anew under its name. What another instance wrote between is copied before the old one goes. */
async function repartition(db: ClickHouseClient, store: string, { name, create }: TableRow, by: string): Promise<void> {
  const next = `${store}.${name}_repartitioned`
  const written = create
    .replace(`CREATE TABLE ${store}.${name} `, `CREATE TABLE ${next} `)
    .replace(/ (ENGINE = \w+MergeTree(?:\([^()]*\))?)(?: PARTITION BY .*?)? ORDER BY /, (_all, engine: string) =>
      [' ', engine, by && ` PARTITION BY ${by}`, ' ORDER BY '].join(''),
    )
  if (!written.includes(next) || !written.includes(by))
    throw new CodedError(
      'TABLE_NOT_UNDERSTOOD',
      `${store}.${name} is written in a way that is not understood: ${create.slice(0, 200)}`,
    )
  for (const query of [
    `DROP TABLE IF EXISTS ${next}`,
    written,
    `EXCHANGE TABLES ${store}.${name} AND ${next}`,
    `INSERT INTO ${store}.${name} SELECT * FROM ${next}`,
    `DROP TABLE ${next}`,
  ])
    await db.command({ query })
}
