import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { ClickHouseClient } from '@clickhouse/client'
import { createClient } from '@clickhouse/client'
import { describe, expect, inject, it } from 'vitest'
import { OWN_PANELS, readPanels } from '../panels/read.ts'
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
