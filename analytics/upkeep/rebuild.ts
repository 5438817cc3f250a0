import type { ClickHouseClient } from '@clickhouse/client'
import { CodedError, UsageError } from '#pipelines/kernel/errors.ts'
import { pause } from '#pipelines/kernel/lifecycle.ts'
import type { Ingest } from '../ingest/ingest.ts'
import { storedPositions } from '../ingest/positions.ts'
import { type LogRange, placeKey } from '../ingest/source.ts'
import { changing } from '../tables/changing.ts'
import { foldStatements } from '../tables/fold-sql.ts'
import { applyLayout, DEFAULT_LAYOUT, type Layout } from '../tables/layout.ts'
import { type Databases, databasesOf, migrate } from '../tables/migrate.ts'
import { ERASED_REASON, eraseAgain } from './erase.ts'
import { keepIngestedAt } from './ingested-at.ts'
import { dropOldEvents } from './retention.ts'
import { storedColumns } from './stored-columns.ts'

export interface RebuildOptions {
  readonly db: ClickHouseClient
  readonly databases: Databases
  readonly topics: readonly string[]
  /** What the topics hold now. */
  readonly ranges: () => Promise<readonly LogRange[]>
  /** Reads all topics into other databases, in a consumer group of its own. */
  readonly ingestInto: (databases: Databases) => Promise<Ingest>
  readonly progress: (stored: number, of: number) => void
  /** How the new tables lie and how long rows stay. Default: as they always did. */
  readonly layout?: Layout
}

export interface Rebuilt {
  /** Records read from the topics, and copied because the topics do not hold them any more. */
  readonly read: number
  readonly copied: number
}

/**
 * Fills new tables from the topics while the old ones serve and the ingest goes on, then swaps. What the topics do not hold any more is
 * copied. Broken off before the swap it changed nothing; broken off within it, the next call finishes it.
 * @throws CodedError `REBUILD_HOLES` when the new tables lack a record that the old ones have, UsageError `REBUILD_ON_CLUSTER`
 */
export async function rebuild(options: RebuildOptions): Promise<Rebuilt> {
  const { db, databases, topics, ranges, ingestInto, progress, layout = DEFAULT_LAYOUT } = options
  if ((await changing(db, databases)).onCluster)
    throw new UsageError(
      'REBUILD_ON_CLUSTER',
      'these tables lie on a cluster, where none is swapped: make a second database there (eshop analytics ddl --database), let an analytics of its own fill it (CLICKHOUSE_DATABASE, KAFKA_GROUP), and point readers to it',
    )
  const next = databasesOf(`${databases.published}_rebuild`)
  if (await isMidSwap(db, next)) {
    await swap(options, next)
    return { read: 0, copied: 0 }
  }
  for (const name of [next.published, next.store]) await db.command({ query: `DROP DATABASE IF EXISTS ${name}` })
  await migrate(db, next)
  await applyLayout(db, next, layout)
  const held = await ranges()

  // 1. What is below a topic's beginning. It comes first: the position of a place is its greatest offset.
  const copied = await copyBelow(options, next, held)
  if (copied > 0) for (const statement of foldStatements(next.store, '1')) await db.command({ query: statement })

  // 2. The rest, from the topics.
  const ingest = await ingestInto(next)
  try {
    for (;;) {
      await ingest.healthy().catch((error: { code?: string }) => {
        if (error.code !== 'INGEST_STARTING') throw error
      })
      const positions = await storedPositions(db, next, topics)
      const left = held.reduce(
        (sum, range) => sum + Math.max(0, range.end - (positions.get(placeKey(range)) ?? range.first)),
        0,
      )
      const all = held.reduce((sum, { first, end }) => sum + end - first, 0)
      progress(all - left, all)
      if (left === 0) break
      await pause(500)
    }
  } finally {
    await ingest.close()
  }

  // 3. What was taken in once was not taken in now; what was erased stays erased, what was too old is too old again.
  await keepIngestedAt(db, databases, next)
  await eraseAgain(db, next)
  await dropOldEvents(db, next, layout.keepDays.events, Date.now())
  await db.command({
    query: `INSERT INTO ${databases.store}.retention_floors SELECT * FROM ${next.store}.retention_floors`,
  })
  await swap(options, next)
  return { read: held.reduce((sum, { first, end }) => sum + end - first, 0), copied }
}

async function copyBelow(
  { db, databases }: RebuildOptions,
  next: Databases,
  held: readonly LogRange[],
): Promise<number> {
  await db.command({ query: `INSERT INTO ${next.store}.erasures SELECT * FROM ${databases.store}.erasures` })
  const below = held.filter(({ first }) => first > 0)
  if (below.length === 0) return 0
  const condition = below
    .map(({ topic, partition, first }) => `(topic = '${topic}' AND partition = ${partition} AND offset < ${first})`)
    .join(' OR ')
  for (const table of ['events', 'dead_letters']) {
    const columns = await storedColumns(db, databases, table)
    const from = `SELECT ${columns} FROM ${databases.store}.${table} FINAL WHERE ${condition}`
    await db.command({ query: `INSERT INTO ${next.store}.${table} (${columns}) ${from}` })
  }
  return await count(db, `SELECT count() AS rows FROM ${next.store}.events FINAL`)
}

/** Whether a swap was broken off: the events are put aside already. */
function isMidSwap(db: ClickHouseClient, next: Databases): Promise<boolean> {
  return exists(db, next.store, 'events_before')
}

/**
 * The new tables take the place of the old ones. The running ingest finds no table for a moment, repeats its flush, and goes on in the
 * new one, exactly behind what was copied. Each step can be done again.
 */
async function swap(options: RebuildOptions, next: Databases): Promise<void> {
  const { db, databases } = options
  const [old, fresh] = [databases.store, next.store]
  const run = (query: string) => db.command({ query })
  // 1. From here on nobody writes events; an insert that was on its way ends first.
  if (!(await isMidSwap(db, next))) await run(`RENAME TABLE ${old}.events TO ${fresh}.events_before`)
  await untilNobodyInserts(db, `${old}.events`)
  // 2. What the ingest stored since the new tables were filled, unless that was done before a crash.
  if (!(await exists(db, fresh, 'orders_before'))) await copySince(options, next)
  // 3. Table by table, events last: with them there, the ingest goes on.
  for (const table of ['orders', 'dead_letters', 'positions', 'events']) {
    if (!(await exists(db, fresh, `${table}_before`)))
      await run(`RENAME TABLE ${old}.${table} TO ${fresh}.${table}_before`)
    if (!(await exists(db, old, table))) await run(`RENAME TABLE ${fresh}.${table} TO ${old}.${table}`)
  }
  // 4. The old tables are given up.
  for (const name of [next.published, fresh]) await run(`DROP DATABASE IF EXISTS ${name}`)
}

/** Copies what only the old tables have, then proves that nothing is lacking. @throws CodedError `REBUILD_HOLES` */
async function copySince({ db, databases, topics }: RebuildOptions, next: Databases): Promise<void> {
  const [old, fresh] = [databases.store, next.store]
  const run = (query: string) => db.command({ query })
  const positions = [...(await storedPositions(db, next, topics))].map(([key, offset]) => {
    const cut = key.lastIndexOf('/')
    return `(topic = '${key.slice(0, cut)}' AND partition = ${key.slice(cut + 1)} AND offset < ${offset})`
  })
  const since = positions.length > 0 ? `NOT (${positions.join(' OR ')})` : '1'
  const columns = await storedColumns(db, next, 'events')
  // By way of a table of its own, so that the orders of just these are folded, and before the events that tell the position.
  await run(`CREATE TABLE IF NOT EXISTS ${fresh}.events_since AS ${fresh}.events`)
  await run(
    `INSERT INTO ${fresh}.events_since (${columns}) SELECT ${columns} FROM ${fresh}.events_before FINAL WHERE ${since}`,
  )
  for (const statement of foldStatements(fresh, '1'))
    await run(statement.replace(`FROM ${fresh}.events FINAL`, `FROM ${fresh}.events_since FINAL`))
  const dead = await storedColumns(db, next, 'dead_letters')
  // The erased ones come later than what was read again, and so replace it.
  const erased = `reason = '${ERASED_REASON}'`
  await run(
    `INSERT INTO ${fresh}.dead_letters (${dead}) SELECT ${dead} FROM ${old}.dead_letters FINAL WHERE ${since} OR ${erased}`,
  )
  await run(`OPTIMIZE TABLE ${fresh}.dead_letters FINAL`)
  await run(`INSERT INTO ${fresh}.events (${columns}) SELECT ${columns} FROM ${fresh}.events_since`)
  const lacking = await count(
    db,
    `SELECT count() AS rows FROM ${fresh}.events_before AS b LEFT ANTI JOIN ${fresh}.events AS f
     ON b.topic = f.topic AND b.partition = f.partition AND b.offset = f.offset`,
  )
  if (lacking === 0) {
    // How far the old ones were is how far the new ones are now.
    const next = (await isPartitionedTable(db, fresh, 'events_before'))
      ? `SELECT * FROM ${old}.positions`
      : `SELECT topic, partition, max(offset) + 1 FROM ${fresh}.events_before GROUP BY topic, partition`
    await run(`INSERT INTO ${fresh}.positions ${next}`)
    return
  }
  await run(`RENAME TABLE ${fresh}.events_before TO ${old}.events`)
  throw new CodedError(
    'REBUILD_HOLES',
    `the new tables lack ${lacking} records that the old ones have: nothing was swapped`,
  )
}

/** A rename does not wait for an insert that has begun. */
async function untilNobodyInserts(db: ClickHouseClient, table: string): Promise<void> {
  const running = `SELECT count() AS rows FROM system.processes WHERE query LIKE 'INSERT INTO ${table} %'`
  for (let calm = 0; calm < 3; ) {
    await pause(100)
    calm = (await count(db, running)) === 0 ? calm + 1 : 0
  }
}

async function isPartitionedTable(db: ClickHouseClient, database: string, table: string): Promise<boolean> {
  const partitioned = `SELECT count() AS rows FROM system.tables WHERE database = '${database}' AND name = '${table}' AND partition_key != ''`
  return (await count(db, partitioned)) > 0
}

async function exists(db: ClickHouseClient, database: string, table: string): Promise<boolean> {
  const found = `SELECT count() AS rows FROM system.tables WHERE database = '${database}' AND name = '${table}'`
  return (await count(db, found)) > 0
}

async function count(db: ClickHouseClient, query: string): Promise<number> {
  const answer = await db.query({
    query,
    format: 'JSONEachRow',
    clickhouse_settings: { output_format_json_quote_64bit_integers: 0 },
  })
  const [row] = await answer.json<{ rows: number }>()
  return row?.rows ?? 0
}
