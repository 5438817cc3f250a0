import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ClickHouseClient, ClickHouseLogLevel, createClient } from '@clickhouse/client'
import { afterAll, beforeAll } from 'vitest'
import { type ServerProcess, startServerProcess } from './process.ts'

/** A server with `shop.t (id UInt64, name String)` and `shop_store.secret (a UInt64)`; `writer:pw` may all, `analyst:read` reads. */
export interface SmallServer {
  readonly url: string
  /** The engine's data. */
  readonly folder: string
  /** A client as the writer, closed at the end. */
  client(options?: Parameters<typeof createClient>[0]): ClickHouseClient
  raw(
    path: string,
    init?: RequestInit & { user?: string },
  ): Promise<{ readonly status: number; readonly headers: Headers; readonly text: string }>
  /** How many statements with this word run now. */
  runningLike(word: string): Promise<number>
}

/** One for the tests of a file. */
export function smallServer(): SmallServer {
  let folder: string
  let server: ServerProcess
  const clients: ClickHouseClient[] = []

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

  return {
    get url() {
      return server.url
    },
    get folder() {
      return folder
    },
    client,
    async raw(path, init = {}) {
      const { user = 'writer:pw', headers, ...rest } = init
      const answer = await fetch(`${server.url}${path}`, {
        ...rest,
        headers: { authorization: `Basic ${btoa(user)}`, ...headers },
      })
      return { status: answer.status, headers: answer.headers, text: await answer.text() }
    },
    async runningLike(word) {
      const answer = await client().query({
        query: 'SELECT countIf(query LIKE {w:String} AND query NOT LIKE {self:String}) AS n FROM system.processes',
        query_params: { w: `%${word}%`, self: '%system.processes%' },
        format: 'JSONEachRow',
      })
      return Number((await answer.json<{ n: string }>())[0]?.n)
    },
  }
}
