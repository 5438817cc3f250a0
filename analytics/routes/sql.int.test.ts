import { createClient } from '@clickhouse/client'
import { Registry } from 'prom-client'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { createHttpApp } from '#pipelines/http/app.ts'
import type { HttpApp, Role } from '#pipelines/http/types.ts'
import { silentLog } from '#pipelines/kernel/log.ts'
import { randomName } from '#pipelines/testing/names.ts'
import { type TestIssuer, testIssuer } from '#pipelines/testing/tokens.ts'
import { openAnalyst } from '../store.ts'
import { sqlRoutes } from './sql.ts'

const name = randomName('sql')
const admin = createClient({ url: inject('clickhouseUrl') })
const analyst = openAnalyst({
  clickhouseUrl: inject('clickhouseUrl'),
  clickhouseUser: 'default',
  clickhousePassword: '',
  clickhouseAnalystUser: 'analyst',
  clickhouseAnalystPassword: '',
  clickhouseDatabase: name,
})
let issuer: TestIssuer
let app: HttpApp
let url: string

beforeAll(async () => {
  for (const database of [name, `${name}_store`]) await admin.command({ query: `CREATE DATABASE ${database}` })
  await admin.command({
    query: `CREATE TABLE ${name}_store.t (n UInt64, s Nullable(String)) ENGINE = MergeTree ORDER BY n`,
  })
  await admin.command({ query: `INSERT INTO ${name}_store.t SELECT number, toString(number) FROM numbers(5000)` })
  await admin.command({ query: `CREATE VIEW ${name}.t AS SELECT n, s FROM ${name}_store.t` })
  issuer = await testIssuer()
  app = await createHttpApp({
    log: silentLog,
    auth: issuer.auth,
    registry: new Registry(),
    describe: { title: 'sql', version: '1', description: 'sql' },
    routes: [sqlRoutes(analyst)],
  })
  url = await app.listen({ host: '127.0.0.1', port: 0 })
})
afterAll(async () => {
  await app?.close()
  await analyst.close()
  for (const database of [name, `${name}_store`]) await admin.command({ query: `DROP DATABASE ${database}` })
  await admin.close()
})

async function ask(body: unknown, { role = 'analyst', signal }: { role?: Role; signal?: AbortSignal } = {}) {
  const answer = await fetch(`${url}/v1/sql`, {
    method: 'POST',
    headers: { ...(await issuer.bearer(role)), 'content-type': 'application/json' },
    body: JSON.stringify(body),
    ...(signal && { signal }),
  })
  interface Told {
    rows: unknown[][]
    truncated: boolean
    statistics: { elapsedMs: number; rowsRead: number; bytesRead: number }
  }
  return { status: answer.status, body: (await answer.json()) as Told }
}

describe('POST /v1/sql', () => {
  it('answers columns with types, rows, and what was read', async () => {
    const { status, body } = await ask({ sql: 'SELECT n, s FROM t ORDER BY n LIMIT 2 -- so few\n;' })
    expect(status).toBe(200)
    expect(body).toMatchObject({
      columns: [
        { name: 'n', type: 'UInt64' },
        { name: 's', type: 'Nullable(String)' },
      ],
      rows: [
        [0, '0'],
        [1, '1'],
      ],
      truncated: false,
    })
    expect(body.statistics.rowsRead).toBeGreaterThan(0)
    expect(body.statistics.bytesRead).toBeGreaterThan(0)
    expect(body.statistics.elapsedMs).toBeGreaterThan(0)
  })

  it('takes parameters of every kind', async () => {
    const sql =
      'SELECT {s:String}, {n:Int32} + 1, {b:Bool}, {z:Nullable(String)}, {a:Array(String)}, n FROM t WHERE n IN {ns:Array(UInt64)} ORDER BY n'
    const parameters = { s: "it's; \t\\", n: 41, b: true, z: null, a: ["x'", 'y'], ns: [7, 9] }
    const { body } = await ask({ sql, parameters })
    expect(body.rows).toEqual([
      ["it's; \t\\", 42, true, null, ["x'", 'y'], 7],
      ["it's; \t\\", 42, true, null, ["x'", 'y'], 9],
    ])
  })

  it('keeps every digit, and what JSON has no number for', async () => {
    const { body } = await ask({
      sql: "SELECT 18446744073709551615 AS u, toInt64(-42) AS i, 0.1 + 0.2 AS f, toDecimal128('12345678901234567.0123', 4) AS d, 1 / 0 AS inf, [9007199254740993, 1] AS a, toDateTime64('2026-01-02 03:04:05.678', 3, 'UTC') AS t",
    })
    expect(body.rows).toEqual([
      [
        '18446744073709551615',
        -42,
        0.30000000000000004,
        '12345678901234567.0123',
        'inf',
        ['9007199254740993', 1],
        '2026-01-02T03:04:05.678Z',
      ],
    ])
  })

  it('cuts at maxRows and says so', async () => {
    const cut = (await ask({ sql: 'SELECT n FROM t', maxRows: 10 })).body
    expect([cut.rows.length, cut.truncated]).toEqual([10, true])
    const whole = (await ask({ sql: 'SELECT n FROM t LIMIT 10', maxRows: 10 })).body
    expect([whole.rows.length, whole.truncated]).toEqual([10, false])
  })

  it.each(['SHOW TABLES', 'DESCRIBE TABLE t', 'EXISTS TABLE t', 'EXPLAIN SELECT n FROM t'])(
    'answers %s',
    async (sql) => {
      expect(await ask({ sql })).toMatchObject({ status: 200, body: { columns: expect.any(Array) } })
    },
  )

  it('tells what is wrong with a statement, and where', async () => {
    expect(await ask({ sql: 'SELECT n FROM t\nWHERE WHERE n' })).toMatchObject({
      status: 400,
      body: {
        code: 'SQL_REFUSED',
        clickhouse: { code: 62, type: 'SYNTAX_ERROR' },
        position: { offset: 28, line: 2, column: 13 },
      },
    })
    // ClickHouse tells line and column of several lines only, and counts bytes.
    expect(await ask({ sql: "SELECT 'äöü' FRM t" })).toMatchObject({
      body: { position: { offset: 17, line: 1, column: 18 } },
    })
    expect(await ask({ sql: "SELECT 'äöü',\n  'ß' FRM t" })).toMatchObject({
      body: { position: { offset: 24, line: 2, column: 11 } },
    })
    // Of a name that is not known it tells none, so where it stands once that is the place.
    expect(await ask({ sql: 'SELECT n,\n  nope FROM t' })).toMatchObject({
      body: { position: { offset: 12, line: 2, column: 3 } },
    })
    expect(await ask({ sql: 'SELECT nope(n) FROM t' })).toMatchObject({ body: { position: { offset: 7 } } })
    expect(await ask({ sql: 'SELECT n FROM nowhere' })).toMatchObject({ body: { position: { offset: 14 } } })
    expect((await ask({ sql: 'SELECT nope, nope + 1 FROM t' })).body).not.toHaveProperty('position')
    // Nothing of how the statement was looked at before it ran.
    expect(JSON.stringify(await ask({ sql: 'SELECT 1 FRM t' }))).not.toMatch(/formatQuery|In scope/)
    expect(await ask({ sql: 'SELECT nope FROM t' })).toMatchObject({
      status: 400,
      body: { clickhouse: { type: 'UNKNOWN_IDENTIFIER' } },
    })
    expect(await ask({ sql: 'SELECT 1 FORMAT CSV' })).toMatchObject({
      status: 400,
      body: { clickhouse: { type: 'FORMAT_GIVEN' } },
    })
    expect(await ask({ sql: 'SELECT {x:UInt8}' })).toMatchObject({
      status: 400,
      body: { clickhouse: { type: 'UNKNOWN_QUERY_PARAMETER' } },
    })
  })

  it.each([
    `SELECT * FROM ${name}_store.t`,
    'DROP TABLE t',
    "SELECT file('/etc/passwd')",
    'SELECT 1 SETTINGS limit = 0',
  ])('refuses %s', async (sql) => {
    expect(await ask({ sql })).toMatchObject({ status: 403, body: { code: 'SQL_FORBIDDEN' } })
  })

  it('stops what takes too long or answers too much', async () => {
    expect(await ask({ sql: slow('slow'), timeoutMs: 1000 })).toMatchObject({
      status: 422,
      body: { code: 'SQL_BEYOND_LIMITS', clickhouse: { type: 'TIMEOUT_EXCEEDED' } },
    })
    expect(await ask({ sql: "SELECT repeat('x', 1000000) FROM numbers(100)" })).toMatchObject({
      status: 422,
      body: { code: 'SQL_BEYOND_LIMITS' },
    })
  })

  it('stops the statement when its asker leaves', async () => {
    const mark = randomName('left')
    const leave = new AbortController()
    const ended = expect(ask({ sql: slow(mark) }, leave)).rejects.toThrow()
    await expect.poll(() => runningLike(mark), { timeout: 10_000 }).toBe(1)
    leave.abort()
    await ended
    await expect.poll(() => runningLike(mark), { timeout: 5000 }).toBe(0)
  })

  it('is for analysts alone', async () => {
    expect(await ask({ sql: 'SELECT 1' }, { role: 'customer' })).toMatchObject({ status: 403 })
    expect((await fetch(`${url}/v1/sql`, { method: 'POST' })).status).toBe(401)
  })

  it('says that ClickHouse is away', async () => {
    const nowhere = openAnalyst({
      clickhouseUrl: 'http://127.0.0.1:1',
      clickhouseUser: '',
      clickhousePassword: '',
      clickhouseAnalystUser: 'analyst',
      clickhouseAnalystPassword: '',
      clickhouseDatabase: 'x',
    })
    const alone = await createHttpApp({
      log: silentLog,
      auth: issuer.auth,
      registry: new Registry(),
      describe: { title: 'sql', version: '1', description: 'sql' },
      routes: [sqlRoutes(nowhere)],
    })
    const headers = await issuer.bearer('analyst')
    const answer = await alone.inject({ method: 'POST', url: '/v1/sql', headers, payload: { sql: 'SELECT 1' } })
    expect([answer.statusCode, answer.json().code]).toEqual([503, 'CLICKHOUSE_AWAY'])
    await alone.close()
    await nowhere.close()
  })
})

/** Minutes of work within the rows that an analyst may read. */
function slow(name: string): string {
  return `SELECT max(cityHash64(repeat(toString(number), 200))) AS ${name} FROM numbers(1000000000)`
}

async function runningLike(word: string): Promise<number> {
  const answer = await admin.query({
    query: 'SELECT countIf(query LIKE {w:String} AND query NOT LIKE {self:String}) AS n FROM system.processes',
    query_params: { w: `%${word}%`, self: '%system.processes%' },
    format: 'JSONEachRow',
  })
  return Number((await answer.json<{ n: string }>())[0]?.n)
}
