import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ClickHouseClient, createClient } from '@clickhouse/client'
import { silentLog } from '#pipelines/kernel/log.ts'
import { startClickHouse } from '../server/app.ts'
import { applyLayout, DEFAULT_LAYOUT, type Layout } from '../tables/layout.ts'
import { databasesOf, migrate } from '../tables/migrate.ts'

/** A table or view as it stands after all migrations. */
export interface Relation {
  readonly database: string
  readonly name: string
  readonly engine: string
  /** As ClickHouse tells it, without ON CLUSTER. */
  readonly create: string
  /** What a view selects; empty for tables. */
  readonly select: string
  readonly columns: readonly string[]
}

export interface AppliedMigration {
  readonly name: string
  readonly checksum: string
}

export interface Schema {
  /** Tables first, then views, each after those it reads. */
  readonly relations: readonly Relation[]
  readonly migrations: readonly AppliedMigration[]
}

/** Applies the migrations and the settings of how tables lie to an empty ClickHouse of its own and hands it to the work: what comes of them, whatever they did on the way. */
export async function onMigrated<T>(
  database: string,
  work: (db: ClickHouseClient, schema: Schema) => Promise<T>,
  layout: Layout = DEFAULT_LAYOUT,
): Promise<T> {
  const dataDir = await mkdtemp(join(tmpdir(), 'eshop-schema-'))
  const users = { admin: { name: 'default', password: '' } }
  const server = await startClickHouse(
    {
      host: '127.0.0.1',
      port: 0,
      dataDir,
      users,
      published: [database],
      maxBodyBytes: 1024 * 1024,
      logLevel: 'silent',
    },
    silentLog,
  )
  const db = createClient({ url: server.url })
  try {
    const databases = databasesOf(database)
    await migrate(db, databases)
    await applyLayout(db, databases, layout)
    return await work(db, await readSchema(db, [databases.store, databases.published]))
  } finally {
    await db.close()
    await server.close()
    await rm(dataDir, { recursive: true, force: true })
  }
}

async function readSchema(db: ClickHouseClient, [store = '', published = '']: readonly string[]): Promise<Schema> {
  const rows = async <Row>(query: string) =>
    await (await db.query({ query, query_params: { store, published }, format: 'JSONEachRow' })).json<Row>()
  const relations = await rows<Relation>(
    `SELECT t.database AS database, t.name AS name, engine, formatQuery(create_table_query) AS create,
       if(as_select = '', '', formatQuery(as_select)) AS select,
       (SELECT groupArray(name) FROM system.columns AS c WHERE c.database = t.database AND c.table = t.name) AS columns
     FROM system.tables AS t WHERE t.database IN ({store:String}, {published:String}) ORDER BY t.database, t.name`,
  )
  const tables = relations.filter(({ select }) => select === '')
  return {
    relations: [...tables, ...inOrder(relations.filter(({ select }) => select !== ''))],
    migrations: await rows(`SELECT name, checksum FROM ${store}.migrations ORDER BY name`),
  }
}

/** Views after the views they read. */
function inOrder(views: readonly Relation[]): readonly Relation[] {
  const sorted = new Set<Relation>()
  function add(view: Relation) {
    if (sorted.has(view)) return
    for (const other of views)
      if (other !== view && new RegExp(`\\b${other.database}\\.\`?${other.name}\\b`).test(view.select)) add(other)
    sorted.add(view)
  }
  views.forEach(add)
  return [...sorted]
}
