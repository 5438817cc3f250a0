import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { Readable, Writable } from 'node:stream'
import { createClient } from '@clickhouse/client'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { randomName } from '#pipelines/testing/names.ts'
import { runSql, type SqlOptions } from './run.ts'

const name = randomName('t')
const db = createClient({ url: inject('clickhouseUrl') })

beforeAll(async () => {
  await db.command({ query: `CREATE DATABASE ${name}` })
  await db.command({ query: `CREATE TABLE ${name}.t (n Int64, s Nullable(String)) ENGINE = MergeTree ORDER BY n` })
  await db.insert({
    table: `${name}.t`,
    values: [
      { n: 1, s: 'a,"b"' },
      { n: 22, s: '\u001b[31mred' },
      { n: 333, s: null },
    ],
    format: 'JSONEachRow',
  })
})
afterAll(async () => {
  await db.command({ query: `DROP DATABASE ${name}` })
  await db.close()
})

async function run(statement: string, options: SqlOptions = {}, input = '') {
  let text = ''
  const output = new Writable({
    write(chunk, _encoding, done) {
      text += chunk
      done()
    },
  })
  const environment = { CLICKHOUSE_URL: inject('clickhouseUrl'), CLICKHOUSE_DATABASE: name }
  await runSql(statement, options, { input: Readable.from([input]), output, environment })
  return text
}

it('prints a table for people, with nothing in it that a terminal would obey', async () => {
  const text = await run('SELECT n, s FROM t ORDER BY n;')
  expect(text).toContain('│   1 │ a,"b"')
  expect(text).toContain('NULL')
  expect(text).not.toContain('\u001b')
  expect(text).toMatch(/3 rows, \d+ ms, 3 rows read\n$/)
})

it('prints JSON lines and CSV for machines, and leaves a format of the statement alone', async () => {
  expect(await run('SELECT n, s FROM t WHERE n = 1', { json: true })).toBe('{"n":1,"s":"a,\\"b\\""}\n')
  expect(await run('SELECT n, s FROM t WHERE n = 1', { csv: true })).toBe('"n","s"\n1,"a,""b"""\n')
  expect(await run('SELECT n FROM t ORDER BY n FORMAT TSV')).toBe('1\n22\n333\n')
  expect(await run('SHOW TABLES', { json: true })).toBe('{"name":"t"}\n')
})

it('reads the statement from the input', async () => {
  expect(await run('-', { csv: true }, 'SELECT count() AS rows FROM t\n')).toBe('"rows"\n3\n')
})

it('tells what is wrong: with the statement, with the flags, with the address', async () => {
  await expect(run('SELECT nope FROM t')).rejects.toMatchObject({ name: 'UsageError', code: 'UNKNOWN_IDENTIFIER' })
  await expect(run('DROP TABLE t')).rejects.toMatchObject({ name: 'UsageError', code: 'ACCESS_DENIED' })
  await expect(run('SELECT 1', { json: true, csv: true })).rejects.toMatchObject({ code: 'SQL_FORMAT' })
  await expect(run('SELECT 1', { url: 'http://127.0.0.1:1' })).rejects.toMatchObject({ code: 'CLICKHOUSE_AWAY' })
})

it.each([
  ['before the answer', ''],
  [
    'in the middle of it',
    'HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n"n"\n\r\n',
  ],
])('says that ClickHouse may be restarting when it breaks off %s', async (_when, beginning) => {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', () => socket.write(beginning, () => setImmediate(() => socket.destroy())))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    for (const options of [{ csv: true }, {}])
      await expect(run('SELECT 1', { url, ...options })).rejects.toMatchObject({
        name: 'Unavailable',
        code: 'CLICKHOUSE_AWAY',
        message: expect.stringContaining('restarting'),
      })
  } finally {
    server.close()
  }
})
