import { once } from 'node:events'
import { glob, mkdtemp, readFile, rm } from 'node:fs/promises'
import { get, type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import {
  brotliDecompressSync,
  gunzipSync,
  gzipSync,
  inflateSync,
  zstdCompressSync,
  zstdDecompressSync,
} from 'node:zlib'
import { ClickHouseError, ClickHouseLogLevel, createClient } from '@clickhouse/client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decodeBlocks, encodeBlocks } from './framing/blocks.ts'
import { cityHash128 } from './framing/city-hash.ts'
import { decodeLz4Frames } from './framing/lz4-frame.ts'
import { type ServerProcess, startServerProcess } from './testing/process.ts'

let folder: string
let server: ServerProcess
const clients: { close(): Promise<void> }[] = []

function client(options: Parameters<typeof createClient>[0] = {}) {
  const made = createClient({
    url: server.url,
    username: 'writer',
    password: 'pw',
    log: { level: ClickHouseLogLevel.OFF },
    ...options,
  })
  clients.push(made)
  return made
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eshop-ch-'))
  server = await startServerProcess(folder, {
    CLICKHOUSE_USER: 'writer',
    CLICKHOUSE_PASSWORD: 'pw',
    CLICKHOUSE_ANALYST_PASSWORD: 'read',
  })
  const db = client()
  await db.command({ query: 'CREATE DATABASE shop' })
  await db.command({ query: 'CREATE DATABASE shop_store' })
  await db.command({ query: 'CREATE TABLE shop_store.secret (a UInt64) ENGINE = MergeTree ORDER BY a' })
  await db.command({ query: 'CREATE TABLE shop.t (id UInt64, name String) ENGINE = MergeTree ORDER BY id' })
}, 60_000)

afterAll(async () => {
  await Promise.all(clients.map((one) => one.close()))
  await server?.stop()
  await rm(folder, { recursive: true, force: true })
})

describe('what @clickhouse/client does', () => {
  it('pings', async () => {
    expect(await client().ping()).toEqual({ success: true })
    expect(await client().ping({ select: true })).toEqual({ success: true })
  })

  it('selects JSON', async () => {
    const answer = await client().query({ query: 'SELECT number AS n FROM numbers(3)', format: 'JSON' })
    expect((await answer.json<{ n: string }>()).data.map((row) => Number(row.n))).toEqual([0, 1, 2])
  })

  it('streams JSONEachRow at the pace of the reader', async () => {
    const answer = await client().query({ query: 'SELECT number AS n FROM numbers(300000)', format: 'JSONEachRow' })
    let rows = 0
    for await (const batch of answer.stream<{ n: string }>()) rows += batch.length
    expect(rows).toBe(300_000)
  })

  it('binds parameters of every kind, tabs and quotes and backslashes included', async () => {
    const text = 'it\'s "a"\ttab \\ and\na line; SELECT 2'
    const answer = await client().query({
      query:
        'SELECT {s:String} AS s, {n:UInt64} AS n, {a:Array(String)} AS a, {m:Map(String, UInt8)} AS m, {z:Nullable(String)} AS z, {d:DateTime} AS d FROM {db:Identifier}.{t:Identifier}',
      query_params: {
        s: text,
        n: '18446744073709551615',
        a: ['x', "y'z"],
        m: { k: 1 },
        z: null,
        d: new Date(0),
        db: 'system',
        t: 'one',
      },
      format: 'JSONEachRow',
      clickhouse_settings: { output_format_json_quote_64bit_integers: 1 },
    })
    expect(await answer.json()).toMatchObject([
      { s: text, n: '18446744073709551615', a: ['x', "y'z"], m: { k: 1 }, z: null, d: '1970-01-01 00:00:00' },
    ])
    const one = await client().query({
      query: 'SELECT {s:String} AS s, {a:Array(String)} AS a',
      query_params: { s: text, a: [text] },
      format: 'JSONEachRow',
    })
    expect(await one.json()).toEqual([{ s: text, a: [text] }])
  })

  it('inserts arrays, streams of objects, CSV, and Native bytes', async () => {
    const db = client({ database: 'shop' })
    await db.command({ query: 'TRUNCATE TABLE t' })
    const result = await db.insert({
      table: 't',
      values: [
        { id: 1, name: 'a' },
        { id: 2, name: 'b' },
      ],
      format: 'JSONEachRow',
    })
    expect(result.summary?.written_rows).toBe('2')
    await db.insert({
      table: 't',
      values: Readable.from(
        [
          { id: 3, name: 'ä' },
          { id: 4, name: 'd' },
        ],
        { objectMode: true },
      ),
      format: 'JSONEachRow',
    })
    await db.insert({
      table: 't',
      values: Readable.from(['5,"e, f"\n', '6,g\n'], { objectMode: false }),
      format: 'CSV',
    })
    const native = await db.exec({ query: 'SELECT id + 10 AS id, name FROM t FORMAT Native' })
    await db.exec({ query: 'INSERT INTO t FORMAT Native', values: native.stream }).then(({ stream }) => stream.resume())
    const rows = await db.query({
      query: 'SELECT count() AS n, sum(id) AS s, groupArray(name) AS names FROM (SELECT * FROM t ORDER BY id)',
      format: 'JSONEachRow',
    })
    expect(await rows.json()).toEqual([
      { n: 12, s: 2 * 21 + 60, names: ['a', 'b', 'ä', 'd', 'e, f', 'g', 'a', 'b', 'ä', 'd', 'e, f', 'g'] },
    ])
  })

  it('compresses both ways', async () => {
    const db = client({ database: 'shop', compression: { request: true, response: true } })
    await db.command({ query: 'TRUNCATE TABLE t' })
    await db.insert({ table: 't', values: [{ id: 1, name: 'zip' }], format: 'JSONEachRow' })
    const rows = await db.query({ query: 'SELECT name FROM t', format: 'JSONEachRow' })
    expect(await rows.json()).toEqual([{ name: 'zip' }])
  })

  it('tells errors with code and type, before and after the first row', async () => {
    const unknown = client().query({ query: 'SELECT nope' })
    await expect(unknown).rejects.toMatchObject({ code: '47', type: 'UNKNOWN_IDENTIFIER' })
    await expect(unknown).rejects.toBeInstanceOf(ClickHouseError)
    await expect(
      client().insert({ table: 'shop.t', values: [{ id: 'x' }], format: 'JSONEachRow' }),
    ).rejects.toMatchObject({ type: 'CANNOT_PARSE_INPUT_ASSERTION_FAILED' })
    const late = await client().query({
      query: 'SELECT throwIf(number = 400000) AS x FROM numbers(500000)',
      format: 'JSONEachRow',
    })
    await expect(late.json()).rejects.toMatchObject({ code: '395' })
    const clean = await client().query({ query: 'SELECT 1 AS x', format: 'JSONEachRow' })
    expect(await clean.json()).toEqual([{ x: 1 }])
  })

  it('stops a statement whose client has left', async () => {
    const leave = new AbortController()
    const long = client().query({
      query: 'SELECT count() AS c_left FROM numbers(1000000000000) WHERE cityHash64(number) % 7 = 3',
      format: 'JSON',
      abort_signal: leave.signal,
    })
    await expect.poll(() => runningLike('c_left'), { timeout: 10_000 }).toBe(1)
    leave.abort()
    await expect(long).rejects.toThrow()
    await expect.poll(() => runningLike('c_left'), { timeout: 5000 }).toBe(0)
  })

  it('stops a statement by its query id', async () => {
    const long = client().query({
      query: 'SELECT count() AS c_killed FROM numbers(1000000000000) WHERE cityHash64(number) % 7 = 3',
      query_id: 'long-1',
    })
    const ended = expect(long).rejects.toMatchObject({ type: 'QUERY_WAS_CANCELLED' })
    await expect.poll(() => runningLike('c_killed'), { timeout: 10_000 }).toBe(1)
    await client().command({ query: "KILL QUERY WHERE query_id = 'long-1'" })
    await ended
  })

  it('keeps a session: SET and temporary tables last within it, settings of one request do not', async () => {
    const session = client({ session_id: 'mine' })
    await session.command({ query: 'CREATE TEMPORARY TABLE mine (a Int8)' })
    await session.insert({ table: 'mine', values: [{ a: 1 }, { a: 2 }], format: 'JSONEachRow' })
    await session.command({ query: 'SET max_block_size = 777' })
    const value = async (settings = {}) =>
      (
        await session.query({
          query: "SELECT getSetting('max_block_size') AS size, count() AS n FROM mine",
          clickhouse_settings: settings,
          format: 'JSONEachRow',
        })
      ).json<{ size: string; n: string }>()
    expect(await value()).toMatchObject([{ size: 777, n: 2 }])
    expect(await value({ max_block_size: '5' })).toMatchObject([{ size: 5 }])
    await expect(session.query({ query: 'SELECT throwIf(number = 9) FROM numbers(10)' })).rejects.toMatchObject({
      code: '395',
    })
    expect(await value()).toMatchObject([{ size: 777, n: 2 }])
    await expect(client({ session_id: 'other' }).query({ query: 'SELECT * FROM mine' })).rejects.toMatchObject({
      type: 'UNKNOWN_TABLE',
    })
    expect((await raw('/?session_id=none&session_check=1&query=SELECT+1')).text).toContain('SESSION_NOT_FOUND')
  })

  it('keeps settings and parameters of one request from the next', async () => {
    await client().query({ query: 'SELECT {x:UInt8}', query_params: { x: 1 }, clickhouse_settings: { max_threads: 1 } })
    await expect(client().query({ query: 'SELECT {x:UInt8}' })).rejects.toMatchObject({
      type: 'UNKNOWN_QUERY_PARAMETER',
    })
  })
})

async function runningLike(word: string): Promise<number> {
  const answer = await client().query({
    query: 'SELECT countIf(query LIKE {w:String} AND query NOT LIKE {self:String}) AS n FROM system.processes',
    query_params: { w: `%${word}%`, self: '%system.processes%' },
    format: 'JSONEachRow',
  })
  return Number((await answer.json<{ n: string }>())[0]?.n)
}

/** What stands under the checksums of the blocks of all files that the engine wrote into the folder. */
async function* blocksOnDisk(): AsyncGenerator<{ readonly checksum: readonly bigint[]; readonly content: Buffer }> {
  for await (const path of glob(`${folder}/**/*.bin`)) {
    const file = await readFile(path)
    for (let at = 0; at < file.length; ) {
      const size = file.readUInt32LE(at + 17)
      yield {
        checksum: [file.readBigUInt64LE(at), file.readBigUInt64LE(at + 8)],
        content: file.subarray(at + 16, at + 16 + size),
      }
      at += 16 + size
    }
  }
}

async function raw(path: string, init: RequestInit & { user?: string } = {}) {
  const { user = 'writer:pw', headers, ...rest } = init
  const answer = await fetch(`${server.url}${path}`, {
    ...rest,
    headers: { authorization: `Basic ${btoa(user)}`, ...headers },
  })
  return { status: answer.status, headers: answer.headers, text: await answer.text() }
}

async function sent(path: string, headers: Record<string, string>) {
  // Not fetch, which decodes what it knows by itself.
  const request = get(`${server.url}${path}`, { headers: { authorization: `Basic ${btoa('writer:pw')}`, ...headers } })
  const [answer] = (await once(request, 'response')) as [IncomingMessage]
  const chunks: Buffer[] = []
  for await (const chunk of answer) chunks.push(chunk as Buffer)
  return { status: answer.statusCode, headers: answer.headers, body: Buffer.concat(chunks) }
}
const fetchBytes = async (path: string) => (await sent(path, {})).body
const joined = async (source: AsyncIterable<Uint8Array>) => {
  const chunks: Uint8Array[] = []
  for await (const chunk of source) chunks.push(chunk)
  return Buffer.concat(chunks)
}
async function* whole(bytes: Buffer) {
  yield bytes
}
const unframed = (bytes: Buffer) => joined(decodeBlocks(whole(bytes)))
const framedOf = (text: string) => joined(encodeBlocks(whole(Buffer.from(text))))
const DECODERS: Readonly<Record<string, (body: Buffer) => Buffer | Promise<Buffer>>> = {
  zstd: zstdDecompressSync,
  gzip: gunzipSync,
  br: brotliDecompressSync,
  deflate: inflateSync,
  lz4: (body) => joined(decodeLz4Frames(whole(body))),
}

describe('the interface itself', () => {
  it('answers the health paths without a user', async () => {
    for (const path of ['/ping', '/replicas_status', '/'])
      expect(await (await fetch(server.url + path)).text()).toBe('Ok.\n')
  })

  it('takes the statement and its rows in one body, encoded or not, and splits at the right byte', async () => {
    const body = Buffer.from('INSERT INTO shop.t (id, name) FORMAT JSONEachRow\n{"id":70,"name":"ß"}\n')
    await raw('/?query=TRUNCATE+TABLE+shop.t', { method: 'POST' })
    expect((await raw('/', { method: 'POST', body })).status).toBe(200)
    expect(
      (await raw('/', { method: 'POST', body: gzipSync(body), headers: { 'content-encoding': 'gzip' } })).status,
    ).toBe(200)
    expect(
      (await raw('/', { method: 'POST', body: zstdCompressSync(body), headers: { 'content-encoding': 'zstd' } }))
        .status,
    ).toBe(200)
    const insert = encodeURIComponent('INSERT INTO shop.t FORMAT CSV')
    expect(
      (
        await raw(`/?query=${insert}`, {
          method: 'POST',
          body: zstdCompressSync('71,x\n'),
          headers: { 'content-encoding': 'zstd' },
        })
      ).status,
    ).toBe(200)
    expect((await raw('/', { method: 'POST', body: "INSERT INTO shop.t VALUES (72, 'a;b')" })).status).toBe(200)
    expect((await raw('/?query=SELECT+groupArray(id),any(name)+FROM+shop.t+WHERE+id<71')).text).toBe('[70,70,70]\tß\n')
  })

  it('answers and takes compressed blocks, an error within them too', async () => {
    const plain = (await raw('/?query=SELECT+number,+toString(number)+FROM+numbers(100000)')).text
    const ask = (sql: string) => fetchBytes(`/?compress=1&query=${encodeURIComponent(sql)}`)
    const framed = await ask('SELECT number, toString(number) FROM numbers(100000)')
    expect(framed.length).toBeLessThan(plain.length)
    expect((await unframed(framed)).toString()).toBe(plain)
    const failed = await unframed(await ask('SELECT throwIf(number = 400000) FROM numbers(500000)'))
    expect(failed.subarray(-1000).toString()).toMatch(/__exception__\s[\s\S]*Code: 395/)
    await raw('/?query=TRUNCATE+TABLE+shop.t', { method: 'POST' })
    const rows = await framedOf(Array.from({ length: 50_000 }, (_, n) => `${n}\trow ${n}\n`).join(''))
    const insert = encodeURIComponent('INSERT INTO shop.t FORMAT TSV')
    expect(await raw(`/?decompress=1&query=${insert}`, { method: 'POST', body: rows })).toMatchObject({ status: 200 })
    const select = await framedOf('SELECT count(), uniqExact(name) FROM shop.t')
    expect((await raw('/?decompress=1', { method: 'POST', body: select })).text).toBe('50000\t50000\n')
    rows[100] = (rows[100] as number) ^ 1
    expect((await raw(`/?decompress=1&query=${insert}`, { method: 'POST', body: rows })).text).toContain(
      'CHECKSUM_DOESNT_MATCH',
    )
    expect((await raw('/?query=SELECT+count()+FROM+shop.t')).text).toBe('50000\n')
  })

  it('hashes blocks as the engine does', async () => {
    await raw('/', {
      method: 'POST',
      body: 'CREATE TABLE shop.sizes ENGINE = MergeTree ORDER BY n SETTINGS min_bytes_for_wide_part = 0, min_compress_block_size = 1 AS SELECT number AS n, randomPrintableASCII(number % 300) AS s, 1 AS one FROM numbers(20000)',
    })
    for (const rows of [1, 2, 3])
      await raw('/', {
        method: 'POST',
        body: `INSERT INTO shop.sizes SELECT number, repeat('a', number), 1 FROM numbers(${rows})`,
      })
    const sizes = new Set<number>()
    for await (const { checksum, content } of blocksOnDisk()) {
      expect(cityHash128(content)).toEqual(checksum)
      sizes.add(content.length)
    }
    expect(Math.min(...sizes)).toBeLessThan(20)
    expect(Math.max(...sizes)).toBeGreaterThan(10_000)
    await raw('/', { method: 'POST', body: 'DROP TABLE shop.sizes SYNC' })
  })

  it.each(['zstd', 'gzip', 'br', 'deflate', 'lz4'])(
    'encodes an answer as %s, an error within it too',
    async (encoding) => {
      const ask = async (sql: string) => {
        const { status, headers, body } = await sent(`/?enable_http_compression=1&query=${encodeURIComponent(sql)}`, {
          'accept-encoding': encoding,
        })
        expect([status, headers['content-encoding']]).toEqual([200, encoding])
        return (await DECODERS[encoding]?.(body))?.toString()
      }
      expect(await ask("SELECT 1, repeat('x', 100000)")).toBe(`1\t${'x'.repeat(100_000)}\n`)
      expect((await ask('SELECT throwIf(number = 400000) FROM numbers(500000)'))?.slice(-1000)).toMatch(/Code: 395/)
      const { status, headers } = await sent('/?enable_http_compression=1&query=SELECT+nope', {
        'accept-encoding': encoding,
      })
      expect([status, headers['content-encoding'], headers['x-clickhouse-exception-code']]).toEqual([
        404,
        undefined,
        '47',
      ])
    },
  )

  it('sums up what was read and written', async () => {
    const summary = async (path: string, init: RequestInit = {}) =>
      JSON.parse((await raw(path, init)).headers.get('x-clickhouse-summary') ?? '{}')
    expect(await summary('/?default_format=JSON&query=SELECT+sum(number)+FROM+numbers(1000)')).toMatchObject({
      read_rows: '1000',
      read_bytes: '8000',
      result_rows: '1',
    })
    expect(
      await summary('/', { method: 'POST', body: "INSERT INTO shop.t VALUES (1, 'a'), (2, 'b;c')" }),
    ).toMatchObject({
      written_rows: '2',
    })
  })

  it('gives an error its own status to the last row when asked to wait for the end', async () => {
    const sql = encodeURIComponent('SELECT throwIf(number = 400000) FROM numbers(500000)')
    const { status, headers } = await raw(`/?wait_end_of_query=1&query=${sql}`)
    expect([status, headers.get('x-clickhouse-exception-code')]).toEqual([500, '395'])
  })

  it('refuses several statements, a GET that writes, files of the server, and pages in a browser', async () => {
    expect((await raw('/', { method: 'POST', body: 'SELECT 1; DROP TABLE shop.t' })).text).toContain('SYNTAX_ERROR')
    expect((await raw('/?query=DROP+TABLE+shop.t')).text).toContain('READONLY')
    expect((await raw('/', { method: 'POST', body: "SELECT 1 INTO OUTFILE '/tmp/x'" })).status).toBe(400)
    expect((await raw('/?query=SELECT+1', { headers: { origin: 'https://evil.example' } })).status).toBe(403)
  })

  it('refuses a wrong password and an unknown user alike', async () => {
    expect(await raw('/?query=SELECT+1', { user: 'writer:no' })).toMatchObject({ status: 403 })
    expect(await raw('/?query=SELECT+1', { user: 'nobody:pw' })).toMatchObject({ status: 403 })
    expect(await raw('/?query=SELECT+1&user=writer&password=pw', { headers: { authorization: '' } })).toMatchObject({
      status: 200,
    })
  })
})

describe('an analyst', () => {
  const ask = (sql: string, path = '/') => raw(path, { method: 'POST', body: sql, user: 'analyst:read' })

  it.each([
    'SELECT count() FROM shop.t',
    'WITH x AS (SELECT 1 AS a) SELECT * FROM x JOIN numbers(3) AS n ON n.number = x.a',
    'SHOW TABLES FROM shop',
    'DESCRIBE TABLE shop.t',
    'EXISTS TABLE shop.t',
    'EXPLAIN SELECT * FROM shop.t',
    'SELECT name FROM system.tables WHERE database = currentDatabase() FORMAT CSV',
    'SELECT * FROM information_schema.tables LIMIT 1',
  ])('may %s', async (sql) => {
    expect(await ask(sql)).toMatchObject({ status: 200 })
  })

  it.each([
    "INSERT INTO shop.t VALUES (1, 'x')",
    'INSERT INTO shop.t FORMAT CSV\n1,x\n',
    'DROP TABLE shop.t',
    'CREATE TABLE shop.u (a Int8) ENGINE = Memory',
    'SET readonly = DEFAULT',
    'SELECT 1 SETTINGS readonly = 0',
    'SELECT 1 SETTINGS max_execution_time = DEFAULT',
    "SELECT file('/etc/passwd')",
    "SELECT file('/etc/passwd') AS `a\nb`",
    'SELECT * FROM shop_store.secret AS `a\n) (children 1`',
    'SELECT * FROM view(SELECT * FROM shop_store.secret)',
    'SELECT (SELECT max(a) FROM `shop_store`.`secret`)',
    'DESCRIBE TABLE shop_store.secret',
    "SELECT * FROM file('/etc/passwd', 'LineAsString')",
    "SELECT * FROM url('http://127.0.0.1:1/', 'CSV')",
    "DESCRIBE TABLE s3('http://127.0.0.1:1/x')",
    "EXPLAIN SELECT file('/etc/passwd')",
    "SELECT 1 INTO OUTFILE '/tmp/eshop-outfile'",
    'SELECT * FROM shop_store.secret',
    'SELECT 1 IN shop_store.secret',
    "SELECT * FROM merge('shop_store', '.*')",
    'SELECT * FROM system.processes',
    'SELECT 1; DROP TABLE shop.t',
    'SELECT 1 -- \n; DROP TABLE shop.t',
    'SYSTEM SHUTDOWN',
    'KILL QUERY WHERE 1',
    'USE shop_store',
  ])('may not %s', async (sql) => {
    const { status, text } = await ask(sql)
    expect(status, text).toBeGreaterThanOrEqual(400)
    expect(text).toMatch(/ACCESS_DENIED|READONLY|SYNTAX_ERROR|BAD_ARGUMENTS/)
  })

  it('may not reach the stored tables by parameter or by database', async () => {
    expect(await ask('SELECT * FROM {t:Identifier}', '/?param_t=shop_store.secret')).toMatchObject({ status: 403 })
    expect(await ask('SELECT * FROM secret', '/?database=shop_store')).toMatchObject({ status: 403 })
  })

  it('asks for less than its limits, never for more', async () => {
    expect((await ask("SELECT getSetting('max_execution_time')", '/?max_execution_time=5')).text).toBe('5\n')
    expect((await ask("SELECT getSetting('max_execution_time')", '/?max_execution_time=0')).text).toBe('60\n')
    expect((await ask('SELECT 1', '/?max_insert_threads=5')).text).toContain('READONLY')
    expect((await ask('SELECT sleep(3) FORMAT Null', '/?max_execution_time=1')).status).toBe(408)
  })

  it('gets less of an answer that the engine has to hold as a whole', async () => {
    const most = async (format: string) =>
      (await ask("SELECT getSetting('max_result_bytes')", `/?default_format=${format}`)).text
    expect(await most('TSV')).toBe('1000000000\n')
    expect(await most('JSONCompact')).toContain('256000000')
  })

  it('is told when too many ask at once, and others are let past', async () => {
    const leave = new AbortController()
    const mark = 'c_crowd'
    const slow = `SELECT max(cityHash64(repeat(toString(number), 200))) AS ${mark} FROM numbers(1000000000)`
    const asAsker = (asker: string, body: string, signal?: AbortSignal) =>
      raw(`/?quota_key=${asker}`, { method: 'POST', body, user: 'analyst:read', ...(signal && { signal }) })
    const crowd = Array.from({ length: 54 }, () => asAsker('greedy', slow, leave.signal).catch(() => undefined))
    await expect.poll(() => runningLike(mark), { timeout: 15_000 }).toBe(4)
    await expect.poll(async () => (await asAsker('greedy', 'SELECT 1')).status, { timeout: 10_000 }).toBe(503)
    expect((await asAsker('greedy', 'SELECT 1')).text).toMatch(/Code: 202.*TOO_MANY_SIMULTANEOUS_QUERIES/)
    leave.abort()
    await Promise.all(crowd)
    await expect.poll(() => runningLike(mark), { timeout: 5000 }).toBe(0)
    expect((await asAsker('greedy', 'SELECT 1')).text).toBe('1\n')
  })
})
