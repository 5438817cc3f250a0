import { once } from 'node:events'
import { glob, readFile } from 'node:fs/promises'
import { get, type IncomingMessage } from 'node:http'
import {
  brotliDecompressSync,
  gunzipSync,
  gzipSync,
  inflateSync,
  zstdCompressSync,
  zstdDecompressSync,
} from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { decodeBlocks, encodeBlocks } from './framing/blocks.ts'
import { cityHash128 } from './framing/city-hash.ts'
import { decodeLz4Frames } from './framing/lz4-frame.ts'
import { smallServer } from './testing/small-server.ts'

const server = smallServer()
const { raw } = server

/** What stands under the checksums of the blocks of all files that the engine wrote into the folder. */
async function* blocksOnDisk(): AsyncGenerator<{ readonly checksum: readonly bigint[]; readonly content: Buffer }> {
  for await (const path of glob(`${server.folder}/**/*.bin`)) {
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
