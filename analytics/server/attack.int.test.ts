import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { attacks, everyDeed, harmless, type Treasure } from './testing/attacks.ts'
import { type ServerProcess, startServerProcess } from './testing/process.ts'

/** `ATTACKS=5000` tries more. */
const ATTACKS = Number(process.env.ATTACKS ?? 250)
const CANARY = /CANARY/

let folder: string
let server: ServerProcess
let listener: Server
let calls = 0
let treasure: Treasure

async function send(user: string, sql: string, query: Record<string, string> = {}, inUrl = 0) {
  const parameters = new URLSearchParams({ param_a: 'x', ...query })
  // A server takes the statement's beginning from the URL and the rest from the body.
  if (inUrl > 0) parameters.set('query', sql.slice(0, inUrl))
  const answer = await fetch(`${server.url}/?${parameters}`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${user}:`)}` },
    body: inUrl > 0 ? sql.slice(inUrl) : sql,
  })
  return { status: answer.status, text: await answer.text() }
}
const asAnalyst = (sql: string, query?: Record<string, string>, inUrl?: number) => send('analyst', sql, query, inUrl)

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eshop-attack-'))
  await mkdir(join(folder, 'empty'))
  await writeFile(join(folder, 'canary.txt'), 'CANARY in a file\n')
  listener = createServer((_request, response) => {
    calls++
    response.end('CANARY of another server\n')
  }).listen(0, '127.0.0.1')
  listener.on('connection', () => calls++)
  server = await startServerProcess(join(folder, 'data'), { CLICKHOUSE_PUBLISHED: 'shop' })
  for (const database of ['shop', 'shop_store', 'private'])
    for (const sql of [
      `CREATE DATABASE ${database}`,
      `CREATE TABLE ${database}.${database === 'shop' ? 't (id UInt64, name String)' : 'secret (a String)'} ENGINE = MergeTree ORDER BY tuple()`,
    ])
      expect(await send('default', sql)).toMatchObject({ status: 200 })
  for (const database of ['shop_store', 'private'])
    await send('default', `INSERT INTO ${database}.secret VALUES ('CANARY of ${database}')`)
  await send('default', "INSERT INTO shop.t VALUES (1, 'a'), (2, 'b')")
  for (const view of [
    'shop.v AS SELECT count() AS n FROM shop_store.secret',
    'shop.since AS SELECT id, name FROM shop.t WHERE id >= {since:UInt64}',
    'shop.named AS SELECT id FROM shop.t WHERE name = {name:String}',
    'shop.hidden AS SELECT count() AS n FROM shop_store.secret WHERE a != {a:String}',
    'shop_store.inner AS SELECT a FROM shop_store.secret WHERE a != {a:String}',
    'private.inner AS SELECT a FROM private.secret WHERE a != {a:String}',
  ])
    expect(await send('default', `CREATE VIEW ${view}`)).toMatchObject({ status: 200 })
  treasure = {
    tables: [
      ['shop_store', 'secret'],
      ['private', 'secret'],
    ],
    file: join(folder, 'canary.txt'),
    folder: join(folder, 'empty'),
    url: `http://127.0.0.1:${(listener.address() as AddressInfo).port}`,
  }
}, 60_000)

afterAll(async () => {
  await server?.stop()
  listener?.close()
  await rm(folder, { recursive: true, force: true })
})

/** Nothing was changed, written or called. */
async function expectUntouched() {
  expect(calls).toBe(0)
  expect(await readdir(treasure.folder)).toEqual([])
  const tables = await send(
    'default',
    "SELECT database || '.' || name FROM system.tables WHERE database IN ('shop', 'shop_store', 'private') ORDER BY 1",
  )
  expect(tables.text.trim().split('\n')).toEqual([
    'private.inner',
    'private.secret',
    'shop.hidden',
    'shop.named',
    'shop.since',
    'shop.t',
    'shop.v',
    'shop_store.inner',
    'shop_store.secret',
  ])
  expect((await send('default', 'SELECT count(), sum(id) FROM shop.t')).text).toBe('2\t3\n')
}

describe('an analyst', () => {
  it('gets nothing by any deed that we know of', async () => {
    for (const sql of everyDeed(treasure)) {
      const { status, text } = await asAnalyst(sql)
      expect(status, `${sql}\n${text}`).toBeGreaterThanOrEqual(400)
      expect(text, sql).not.toMatch(CANARY)
    }
    await expectUntouched()
  })

  it('gets nothing by random attacks, whatever is around them and however they are sent', async () => {
    const settings = fc.constantFrom<Record<string, string>>(
      {},
      { readonly: '0' },
      { database: 'shop' },
      { max_execution_time: '0' },
    )
    await fc.assert(
      fc.asyncProperty(attacks(treasure), settings, fc.nat(), async (sql, query, cut) => {
        const { status, text } = await asAnalyst(sql, query, cut % 3 === 0 ? cut % sql.length : 0)
        expect(status, text).toBeGreaterThanOrEqual(400)
        expect(text).not.toMatch(CANARY)
      }),
      { numRuns: ATTACKS, verbose: 1 },
    )
    await expectUntouched()
  })

  it('is refused nothing that is harmless in the same places', async () => {
    await fc.assert(
      fc.asyncProperty(harmless(), async (sql) => {
        const { text } = await asAnalyst(sql)
        expect(text).not.toMatch(/ACCESS_DENIED|READONLY/)
      }),
      { numRuns: 100, verbose: 1 },
    )
  })

  it.each<readonly [string, Record<string, string>]>([
    ['SELECT * FROM {t:Identifier}', { param_t: 'shop_store.secret' }],
    ['SELECT * FROM {d:Identifier}.secret', { param_d: 'shop_store' }],
    ['SELECT * FROM {d:Identifier}.{t:Identifier}', { param_d: 'private', param_t: 'secret' }],
    ['SELECT * FROM secret', { database: 'shop_store' }],
    ['SELECT 1', { database: 'private' }],
    ['SELECT 1', { default_format: 'Template', format_template_row: '/etc/hostname' }],
    ['SELECT 1', { format_schema: '/etc/hostname', default_format: 'Protobuf' }],
    ['SELECT 1', { additional_table_filters: '{}' }],
    ['SELECT 1', { max_threads: '64', max_insert_threads: '3' }],
    ['SELECT 1', { allow_introspection_functions: '1' }],
    ['SELECT 1', { 'param_x = 1; SET readonly': '0' }],
    ['SELECT 1', { 'readonly=0,max_threads': '0' }],
    ['SELECT 1', { log_queries: '1' }],
  ])('gets nothing by %s with %j', async (sql, query) => {
    const { status, text } = await asAnalyst(sql, query)
    expect(status, text).toBeGreaterThanOrEqual(400)
    expect(text).not.toMatch(CANARY)
  })

  it('sees in lists what is published, and nothing else', async () => {
    for (const sql of [
      'SHOW DATABASES',
      'SELECT name FROM system.databases',
      'SELECT schema_name FROM information_schema.schemata',
      "SELECT database, name, create_table_query, as_select FROM system.tables WHERE name NOT IN ('v', 'hidden')",
      'SELECT DISTINCT database, table FROM system.columns',
      'SELECT table_schema, table_name FROM information_schema.tables',
      'SELECT table_schema, table_name FROM information_schema.columns',
    ]) {
      const { text } = await asAnalyst(sql)
      expect(text, sql).not.toMatch(/private|secret|shop_store/)
      expect(text, sql).toMatch(/shop/)
    }
    expect((await asAnalyst('SHOW COLUMNS FROM secret FROM private')).text).toBe('')
    expect((await asAnalyst('SHOW TABLES FROM shop_store')).text).toMatch(/ACCESS_DENIED/)
  })

  it('reads what is published, by views over what is not', async () => {
    expect(await asAnalyst('SELECT n FROM shop.v')).toEqual({ status: 200, text: '1\n' })
    expect(await asAnalyst('SELECT n FROM v')).toEqual({ status: 200, text: '1\n' })
    expect(await asAnalyst('SHOW TABLES')).toEqual({ status: 200, text: 'hidden\nnamed\nsince\nt\nv\n' })
    expect(await asAnalyst('SELECT * APPLY(toString) FROM shop.t ORDER BY id LIMIT 1')).toMatchObject({ status: 200 })
    expect(await asAnalyst('EXPLAIN indexes = 1 SELECT * FROM shop.t')).toMatchObject({ status: 200 })
    expect(await asAnalyst('WITH secret AS (SELECT 1 AS a) SELECT * FROM secret')).toMatchObject({ status: 200 })
  })

  describe('of views with parameters', () => {
    it('reads those that are published, with values of its own', async () => {
      expect(await asAnalyst('SELECT name FROM shop.since(since = 2)')).toEqual({ status: 200, text: 'b\n' })
      expect(await asAnalyst('SELECT name FROM since(since = 1 + 1)')).toEqual({ status: 200, text: 'b\n' })
      expect(await asAnalyst("SELECT n FROM shop.hidden(a = 'x')")).toEqual({ status: 200, text: '1\n' })
      expect(await asAnalyst('SELECT id FROM shop.named(name = {name:String})', { param_name: 'b' })).toEqual({
        status: 200,
        text: '2\n',
      })
      // A value stays a value, whatever it looks like.
      expect(await asAnalyst("SELECT id FROM shop.named(name = 'x\\' OR 1 = 1 OR name = \\'')")).toEqual({
        status: 200,
        text: '',
      })
    })

    it.each([
      // Expressions in the place of values.
      'SELECT * FROM shop.since(since = (SELECT count() FROM private.secret))',
      'SELECT * FROM shop.since(since = (SELECT count() FROM shop_store.secret))',
      'SELECT * FROM shop.named(name = (SELECT max(a) FROM private.secret))',
      'SELECT * FROM shop.named(name = (SELECT a FROM shop_store.inner(a = 1) LIMIT 1))',
      'SELECT * FROM shop.named(name = (SELECT * FROM file(FILE)))',
      'SELECT * FROM shop.named(name = file(FILE))',
      'SELECT * FROM shop.named(name = concat(file(FILE), 1))',
      "SELECT * FROM shop.named(name = dictGet('private.secret', 'a', 1))",
      "SELECT * FROM shop.named(name = getServerSetting('max_connections'))",
      'SELECT * FROM shop.since(since = sleepEachRow(3))',
      "SELECT * FROM shop.named(name = (SELECT * FROM url(URL, 'LineAsString', 's String')))",
      'SELECT * FROM shop.since(since = view(SELECT * FROM private.secret))',
      'SELECT * FROM shop.since(since = 1 IN private.secret)',
      'SELECT * FROM shop.since(since = (1 IN (shop_store.secret)))',
      'SELECT * FROM shop.since(since = arrayMap(x -> file(FILE), [1])[1])',
      'SELECT * FROM shop.since(since = 1, private.secret)',
      'SELECT * FROM shop.since(private.secret)',
      'SELECT * FROM shop.since(since = 1) AS p, private.secret',
      'SELECT * FROM shop.since(since = 1) AS p JOIN shop_store.secret AS s ON 1 = 1',
      'SELECT * FROM view(SELECT * FROM shop.named(name = (SELECT max(a) FROM private.secret)))',
      'DESCRIBE shop.named(name = (SELECT max(a) FROM private.secret))',
      'EXPLAIN SELECT * FROM shop.named(name = (SELECT max(a) FROM private.secret))',
      // Views that are not published, called however they can be written.
      'SELECT * FROM shop_store.inner(a = 1)',
      'SELECT * FROM private.inner(a = 1)',
      'SELECT * FROM `private`.`inner`(a = 1)',
      'SELECT * FROM "shop_store"."inner"(a = 1)',
      'SELECT * FROM `private.inner`(a = 1)',
      'SELECT * FROM shop.private.inner(a = 1)',
      'SELECT * FROM `shop.x`.`private.inner`(a = 1)',
      'SELECT * FROM inner(a = 1)',
      'SELECT * FROM private . /* x */ inner(a = 1)',
      'SELECT * FROM {d:Identifier}.inner(a = 1)',
      'SELECT * FROM {v:Identifier}(a = 1)',
      'SELECT * FROM `{d:Identifier}`.inner(a = 1)',
      'WITH p AS (SELECT * FROM private.inner(a = 1)) SELECT * FROM p',
      'SELECT * FROM (SELECT * FROM private.inner(a = 1))',
      'SELECT 1 IN (SELECT a FROM private.inner(a = 1))',
      'SELECT (SELECT max(a) FROM private.inner(a = 1))',
      'DESCRIBE private.inner(a = 1)',
      'DESCRIBE TABLE shop_store.inner(a = 1)',
      'EXPLAIN SELECT * FROM private.inner(a = 1)',
      'SHOW CREATE VIEW private.inner',
      'SHOW CREATE TABLE shop_store.inner',
      // Making one.
      'CREATE VIEW shop.mine AS SELECT * FROM private.secret WHERE a != {a:String}',
      'CREATE OR REPLACE VIEW shop.since AS SELECT * FROM private.secret WHERE a != {a:String}',
    ])('gets nothing by %s', async (sql) => {
      const written = sql.replaceAll('FILE', `'${treasure.file}'`).replaceAll('URL', `'${treasure.url}'`)
      for (const how of [{}, { database: 'shop' }, { param_d: 'private', param_v: 'private.inner' }] as const) {
        const { status, text } = await asAnalyst(written, how)
        expect(status, text).toBeGreaterThanOrEqual(400)
        expect(text).not.toMatch(CANARY)
      }
    })

    it('leaves all as it was', expectUntouched)
  })

  it('keeps its limits from one request to the next', async () => {
    await asAnalyst('SET max_execution_time = 0')
    await asAnalyst('SELECT 1 SETTINGS max_execution_time = 0')
    expect(await asAnalyst("SELECT getSetting('max_execution_time'), getSetting('readonly')")).toEqual({
      status: 200,
      text: '60\t1\n',
    })
  })
})

describe('the ingest', () => {
  const asIngest = (sql: string, query?: Record<string, string>) => send('ingest', sql, query)

  it('makes, fills, changes and drops tables of its databases', async () => {
    for (const sql of [
      'CREATE DATABASE IF NOT EXISTS shop_store',
      'CREATE TABLE shop_store.x (a UInt64, s SimpleAggregateFunction(max, String)) ENGINE = AggregatingMergeTree ORDER BY a SETTINGS min_bytes_for_wide_part = 1',
      'INSERT INTO shop_store.x (a, s) FORMAT JSONEachRow\n{"a":1,"s":"x"}\n',
      "INSERT INTO shop_store.x SELECT number, 'y' FROM numbers(3)",
      'ALTER TABLE shop_store.x ADD INDEX i s TYPE bloom_filter GRANULARITY 1',
      'CREATE OR REPLACE VIEW shop.x AS SELECT a, s FROM shop_store.x FINAL',
      'CREATE TABLE shop_store.y AS shop_store.x ENGINE = AggregatingMergeTree ORDER BY a',
      'EXCHANGE TABLES shop_store.x AND shop_store.y',
      'SELECT count() FROM system.parts',
      'OPTIMIZE TABLE shop_store.x FINAL',
      'DROP TABLE shop_store.y',
      'DROP TABLE shop_store.x',
      'DROP VIEW shop.x',
    ])
      expect(await asIngest(sql), sql).toMatchObject({ status: 200 })
  })

  it.each([
    'SELECT * FROM private.secret',
    "INSERT INTO private.secret VALUES ('x')",
    'INSERT INTO private.secret FORMAT CSV\nx\n',
    'INSERT INTO shop_store.secret SELECT a FROM private.secret',
    "INSERT INTO shop_store.secret SELECT * FROM file('/etc/hostname', 'LineAsString', 's String')",
    "INSERT INTO FUNCTION file('/tmp/eshop-x', 'CSV', 'a Int8') VALUES (1)",
    "SELECT file('/etc/hostname')",
    "SELECT * FROM url('http://127.0.0.1:1/', 'CSV', 's String')",
    'DROP DATABASE private',
    'DROP TABLE private.secret',
    'CREATE DATABASE other',
    "CREATE DATABASE shop_x ENGINE = MySQL('127.0.0.1:1', 'a', 'b', 'c')",
    "CREATE TABLE shop_store.u (a String) ENGINE = URL('http://127.0.0.1:1/', 'CSV')",
    "CREATE TABLE shop_store.u (a String) ENGINE = File(CSV, '/tmp/eshop-x')",
    "CREATE TABLE shop_store.u (a Int8) ENGINE = MergeTree ORDER BY a SETTINGS disk = disk(type = local, path = '/tmp/eshop-x/')",
    "CREATE DICTIONARY shop.d (a UInt64) PRIMARY KEY a SOURCE(FILE(path '/etc/hostname' format 'CSV')) LAYOUT(FLAT()) LIFETIME(1)",
    'CREATE VIEW shop.w AS SELECT * FROM private.secret',
    'CREATE FUNCTION f AS x -> file(x)',
    'CREATE USER x',
    'SYSTEM SHUTDOWN',
    'SET max_threads = 1',
    "SELECT 1 INTO OUTFILE '/tmp/eshop-x'",
    "ATTACH TABLE shop.u FROM '/tmp' (a Int8) ENGINE = MergeTree ORDER BY a",
    "BACKUP TABLE shop.t TO File('/tmp/eshop-x')",
    'RENAME TABLE shop_store.secret TO private.s',
  ])('may not %s', async (sql) => {
    const { status, text } = await asIngest(sql)
    expect(status, text).toBeGreaterThanOrEqual(400)
    expect(text).not.toMatch(CANARY)
  })
})
