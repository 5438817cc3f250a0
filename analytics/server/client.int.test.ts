import { Readable } from 'node:stream'
import { ClickHouseError } from '@clickhouse/client'
import { describe, expect, it } from 'vitest'
import { smallServer } from './testing/small-server.ts'

const { client, raw, runningLike } = smallServer()

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
