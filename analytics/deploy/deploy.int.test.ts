import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { ClickHouseClient } from '@clickhouse/client'
import { createClient } from '@clickhouse/client'
import { describe, expect, inject, it } from 'vitest'
import { DAY } from '#pipelines/kernel/clock.ts'
import { OWN_PANELS, readPanels } from '../panels/read.ts'
import { applyLayout, DEFAULT_LAYOUT, type Layout } from '../tables/layout.ts'
import { databasesOf } from '../tables/migrate.ts'
import { eraseAgain, eraseCustomer } from '../upkeep/erase.ts'
import { rebuild } from '../upkeep/rebuild.ts'
import { dropOldEvents } from '../upkeep/retention.ts'
import { clusterDdl } from './cluster.ts'
import { grafanaDashboard, grafanaSql } from './grafana.ts'
import { roleStatements } from './roles.ts'
import { onMigrated } from './schema.ts'

/** Throws what ClickHouse's parser says. Nothing runs: an embedded engine has neither clusters nor users. */
async function parse(db: ClickHouseClient, sql: string): Promise<string> {
  const answer = await db.query({
    query: 'SELECT formatQuery({sql:String}) AS text',
    query_params: { sql },
    format: 'JSONEachRow',
  })
  return (await answer.json<{ text: string }>())[0]?.text ?? ''
}

describe('DDL for a cluster', () => {
  it('has every table replicated and spread, every view, and the migrations as applied; ClickHouse parses all of it', async () => {
    await onMigrated('eshop', async (db, schema) => {
      const statements = clusterDdl(schema, 'shop')
      for (const sql of statements) await parse(db, sql)
      const all = statements.join(';\n')
      for (const { database, name, select } of schema.relations)
        expect(all).toContain(
          select === ''
            ? `CREATE TABLE IF NOT EXISTS ${database}.${name}`
            : `VIEW ${database}.${name} ON CLUSTER 'shop'`,
        )
      expect(all).toMatch(
        /eshop_store\.events_local ON CLUSTER 'shop'[\s\S]*?ENGINE = ReplicatedReplacingMergeTree\('\/clickhouse\/tables\/\{shard\}\/\{database\}\/\{table\}', '\{replica\}', readable\)/,
      )
      expect(all).toContain("ENGINE = Distributed('shop', 'eshop_store', 'events_local', partition)")
      expect(all).toContain("ENGINE = Distributed('shop', 'eshop_store', 'orders_local', cityHash64(order_id))")
      expect(all).toMatch(/eshop_store\.orders_local[\s\S]*?ENGINE = ReplicatedAggregatingMergeTree/)
      expect(all).toContain("ReplicatedMergeTree('/clickhouse/tables/all/{database}/{table}', '{shard}-{replica}')")
      expect(schema.migrations.length).toBeGreaterThan(7)
      for (const { name, checksum } of schema.migrations) expect(all).toContain(`('${name}', '${checksum}')`)
      // A view may only read what stands before it.
      const views = schema.relations.filter(({ select }) => select !== '')
      views.forEach((view, at) => {
        for (const later of views.slice(at + 1)) expect(view.select).not.toContain(`${later.database}.${later.name} `)
      })
    })
  })

  it('has the columns of the one server: without the cluster it makes the same tables', async () => {
    await onMigrated('eshop', async (db, schema) => {
      const statements = clusterDdl(schema, 'shop').map((sql) =>
        sql
          .replaceAll(" ON CLUSTER 'shop'", '')
          .replace(/Replicated(\w*MergeTree)\('[^']*', '[^']*'(?:, )?/g, '$1(')
          .replace(/ENGINE = Distributed\('shop', '(\w+)', '(\w+)'.*/g, "ENGINE = Merge($1, '^$2$$')")
          .replace(/DEFINER = CURRENT_USER SQL SECURITY DEFINER /g, '')
          .replaceAll('eshop_store', 'again_store')
          .replace(/\beshop\./g, 'again.')
          .replace(/DATABASE IF NOT EXISTS eshop\b/, 'DATABASE IF NOT EXISTS again'),
      )
      for (const query of statements) await db.command({ query })
      const columns = async (name: string) =>
        await (
          await db.query({
            query: `SELECT replaceOne(database, {name:String}, '') AS kind, table, name, type FROM system.columns
              WHERE database IN ({name:String}, {name:String} || '_store') AND NOT endsWith(table, '_local') ORDER BY ALL`,
            query_params: { name },
            format: 'JSONEachRow',
          })
        ).json()
      expect(await columns('again')).toEqual(await columns('eshop'))
    })
  })
})

const LAYOUT: Layout = {
  partition: { events: 'month', orders: 'week' },
  keepDays: { events: 90, orders: 400, deadLetters: 30, imported: 0 },
}

it('DDL for a cluster keeps the settings of how tables lie and how long rows stay', async () => {
  await onMigrated(
    'eshop',
    async (db, schema) => {
      const statements = clusterDdl(schema, 'shop')
      for (const sql of statements) await parse(db, sql)
      const of = (table: string) =>
        statements.find((sql) => sql.includes(`eshop_store.${table}_local ON CLUSTER`)) ?? ''
      expect(of('events')).toMatch(/ReplicatedReplacingMergeTree[\s\S]*PARTITION BY toYYYYMM\(recorded_at\)/)
      expect(of('orders')).toMatch(/PARTITION BY toMonday\(UUIDv7ToDateTime[\s\S]*TTL [\s\S]*toIntervalDay\(400\)/)
      expect(of('dead_letters')).toMatch(/TTL [\s\S]*toIntervalDay\(30\)/)
      expect(of('imported_orders')).not.toContain('TTL')
    },
    LAYOUT,
  )
})

describe('what changes rows on a cluster', () => {
  /** The embedded tables as they are, but told to lie under Distributed ones; what would be done to them is kept, parsed, and not run. */
  async function onCluster(work: (db: ClickHouseClient, done: string[]) => Promise<void>) {
    await onMigrated('eshop', async (db) => {
      const done: string[] = []
      const locals = ['events', 'orders', 'dead_letters', 'imported_orders']
      const rows = locals.map((name) => ({ name, cluster: 'shop', local: `${name}_local` }))
      const pretending = new Proxy(db, {
        get(target, name) {
          if (name === 'command')
            return async ({ query, clickhouse_settings }: { query: string; clickhouse_settings?: object }) => {
              await parse(db, query)
              if (query.startsWith('ALTER'))
                expect(clickhouse_settings).toEqual({
                  mutations_sync: '2',
                  distributed_ddl_task_timeout: '-1',
                  distributed_ddl_output_mode: 'throw',
                })
              done.push(query)
            }
          if (name === 'query')
            return async (question: { query: string }) => {
              if (question.query.includes("engine = 'Distributed'")) return { json: async () => rows }
              const answer = await target.query(question as Parameters<ClickHouseClient['query']>[0])
              if (!question.query.includes('create_table_query AS create')) return answer
              const tables = (await answer.json()) as { name: string }[]
              return {
                json: async () =>
                  tables.map((row) => ({
                    ...row,
                    name: rows.find(({ name }) => name === row.name)?.local ?? row.name,
                  })),
              }
            }
          const value = Reflect.get(target, name)
          return typeof value === 'function' ? value.bind(target) : value
        },
      })
      await work(pretending, done)
    })
  }
  const databases = databasesOf('eshop')
  const customer = 'alice'

  it('erases in the replicated tables on every server, with no subquery, which a replicated table does not take', async () => {
    await onCluster(async (db, done) => {
      const at = '2026-01-01 00:00:00.000'
      const place = { topic: 'orders', partition: 0, offset: 0, recorded_at: at, ingested_at: at }
      const order_id = '01a20d67-43d4-775c-ace6-8fb1e840667b'
      const insert = (table: string, row: object) =>
        db.insert({
          table: `eshop_store.${table}`,
          columns: Object.keys(row) as [string, ...string[]],
          values: [row],
          format: 'JSONEachRow',
        })
      await insert('events', { ...place, type: 'OrderStarted', order_id, customer_id: customer })
      await insert('orders', { order_id, customer_id: customer })
      await insert('imported_orders', { order_id, customer_id: customer })
      await insert('dead_letters', { ...place, key_base64: '', value_base64: btoa(`of ${customer}`), reason: 'broken' })
      expect(await eraseCustomer(db, databases, customer)).toEqual({ orders: 2, events: 1, deadLetters: 1 })
      expect(done.map((sql) => /^ALTER TABLE (.*) UPDATE/.exec(sql)?.[1])).toEqual([
        "eshop_store.dead_letters_local ON CLUSTER 'shop'",
        "eshop_store.events_local ON CLUSTER 'shop'",
        "eshop_store.orders_local ON CLUSTER 'shop'",
        "eshop_store.imported_lines ON CLUSTER 'shop'",
        "eshop_store.imported_orders_local ON CLUSTER 'shop'",
      ])
      await eraseAgain(db, databases)
      for (const sql of done) expect(sql).not.toMatch(/\bSELECT\b/i)
    })
  })

  it('drops old events and sets days in the replicated tables; never makes a partition key anew', async () => {
    await onCluster(async (db, done) => {
      await db.insert({
        table: 'eshop_store.events',
        values: [
          { topic: 'orders', partition: 0, offset: 0, type: 'OrderStarted', recorded_at: '2026-01-01 00:00:00.000' },
        ],
        format: 'JSONEachRow',
      })
      await dropOldEvents(db, databases, 1, Date.now() + 10 * DAY)
      expect(done.splice(0)).toEqual([
        "ALTER TABLE eshop_store.events_local ON CLUSTER 'shop' DELETE WHERE (topic = 'orders' AND partition = 0 AND offset < 1)",
      ])
      expect(await applyLayout(db, databases, DEFAULT_LAYOUT)).toEqual([])
      expect(done).toEqual([])
      expect(await applyLayout(db, databases, LAYOUT)).toEqual([
        expect.stringMatching(/^events is partitioned by nothing, and is to be by toYYYYMM.*eshop analytics ddl$/),
        expect.stringMatching(/^orders .*eshop analytics ddl$/),
      ])
      expect(done).toEqual([
        expect.stringMatching(
          /^ALTER TABLE eshop_store.orders_local ON CLUSTER 'shop' MODIFY TTL .*toIntervalDay\(400\)/,
        ),
        expect.stringMatching(
          /^ALTER TABLE eshop_store.dead_letters_local ON CLUSTER 'shop' MODIFY TTL .*toIntervalDay\(30\)/,
        ),
      ])
    })
  })

  it('refuses a rebuild, and says what to do', async () => {
    await onCluster(async (db, done) => {
      const options = { db, databases, topics: [], ranges: async () => [], progress: () => {} }
      const ingestInto = () => Promise.reject(new TypeError('must not be called'))
      await expect(rebuild({ ...options, ingestInto })).rejects.toMatchObject({ code: 'REBUILD_ON_CLUSTER' })
      expect(done).toEqual([])
    })
  })
})

describe('roles for a real ClickHouse', () => {
  it.each([undefined, 'shop'])(
    'are SQL that ClickHouse parses (cluster: %s), without a password in plain text',
    async (cluster) => {
      const db = createClient({ url: inject('clickhouseUrl') })
      try {
        const passwords = { admin: 'secret-1', ingest: 'secret-2', analyst: 'secret-3' }
        const statements = roleStatements({ database: 'eshop', cluster, passwords })
        for (const sql of statements) await parse(db, sql)
        const all = statements.join(';\n')
        expect(all).not.toMatch(/secret-\d/)
        expect(all.includes("ON CLUSTER 'shop'")).toBe(cluster === 'shop')
        expect(all.includes('CLUSTER ON *.* TO eshop_ingest_role')).toBe(cluster === 'shop')
        expect(all).toMatch(/max_execution_time = 60 MIN 1 MAX 60/)
        expect(all).not.toMatch(/GRANT.*\b(URL|FILE|S3|REMOTE|SOURCES)\b.*TO eshop_(analyst|ingest)/)
        expect(all).not.toMatch(/eshop_store.*TO eshop_analyst/)
      } finally {
        await db.close()
      }
    },
  )

  it('make users only for the passwords that are there', () => {
    const all = roleStatements({ database: 'eshop', passwords: { analyst: 'x' }, salt: () => 'abc' }).join('\n')
    const hash = createHash('sha256').update('xabc').digest('hex')
    expect(all).toContain(`CREATE USER OR REPLACE eshop_analyst IDENTIFIED WITH sha256_hash BY '${hash}' SALT 'abc'`)
    expect(all).not.toMatch(/CREATE USER.*(ingest|admin)/)
  })
})

it('docker-compose.yml gives its users the same grants', () => {
  const users = readFileSync(new URL('../../pipelines/local/compose/clickhouse-users.xml', import.meta.url), 'utf8')
  const written = [...users.matchAll(/<query>(.*)<\/query>/g)].map(([, grant]) => grant)
  const statements = roleStatements({ database: 'eshop', passwords: {} })
  const expected = statements
    .filter((sql) => / TO eshop_(analyst|ingest)_role$/.test(sql) && sql.startsWith('GRANT'))
    .map((sql) => sql.replace(/ TO \w+$/, ''))
  expect(written.toSorted()).toEqual(expected.toSorted())
})

describe('the dashboard for Grafana', () => {
  it('in this folder is what the panels make today', async () => {
    const file = JSON.parse(readFileSync(new URL('./grafana.json', import.meta.url), 'utf8'))
    expect(file, 'node bin/eshop.js analytics grafana > analytics/deploy/grafana.json').toEqual(
      await grafanaDashboard(),
    )
  })

  it('asks SQL that runs, with its macros filled as the data source fills them', async () => {
    await onMigrated('eshop', async (db) => {
      const filled = (sql: string) =>
        sql
          .replaceAll('$__fromTime_ms', 'fromUnixTimestamp64Milli(1760000000000)')
          .replaceAll('$__toTime_ms', 'fromUnixTimestamp64Milli(1790000000000)')
          .replaceAll('$__interval_s', '60')
          .replace(/'\$\w+'/g, "''")
      const { panels } = (await grafanaDashboard()) as { panels: { title: string; targets?: { rawSql: string }[] }[] }
      const queries = panels.flatMap(({ targets = [] }) => targets.map(({ rawSql }) => rawSql))
      expect(queries.length).toBeGreaterThan(20)
      const filters = (await readPanels([OWN_PANELS])).panels.filter(({ chart }) => chart === 'filter')
      for (const query of [...queries, ...filters.map(({ sql }) => grafanaSql(sql))]) {
        expect(query).not.toMatch(/\{\s*\w+\s*:/)
        const answer = await db.query({
          query: filled(query),
          format: 'JSONCompact',
          clickhouse_settings: { database: undefined, limit: '1' },
          http_headers: { 'X-ClickHouse-Database': 'eshop' },
        })
        await answer.json()
      }
    })
  })
})
