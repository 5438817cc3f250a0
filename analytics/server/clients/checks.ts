import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Closable } from '#pipelines/kernel/lifecycle.ts'
import { startServerProcess } from '../testing/process.ts'

/** What a client's program says of one of its checks, as a line of JSON. */
export interface Check {
  readonly check: string
  readonly ok: boolean
  readonly detail?: string
}

export const PASSWORDS = { admin: 'pw', analyst: 'read' } as const

export interface ClientServer extends Closable {
  /** `127.0.0.1:port`. */
  readonly address: string
}

/** A server with what the programs ask for: a published table, a hidden one, and a user of each kind. */
export async function clientServer(): Promise<ClientServer> {
  const folder = await mkdtemp(join(tmpdir(), 'eshop-clients-'))
  const server = await startServerProcess(folder, {
    CLICKHOUSE_USER: 'writer',
    CLICKHOUSE_PASSWORD: PASSWORDS.admin,
    CLICKHOUSE_ANALYST_PASSWORD: PASSWORDS.analyst,
    CLICKHOUSE_PUBLISHED: 'shop',
  })
  for (const body of [
    'CREATE DATABASE shop',
    'CREATE DATABASE shop_store',
    'CREATE TABLE shop_store.secret (a UInt64) ENGINE = MergeTree ORDER BY a',
    'CREATE TABLE shop.t (id UInt64, name String) ENGINE = MergeTree ORDER BY id',
    "INSERT INTO shop.t VALUES (1, 'a'), (2, 'b'), (3, 'c')",
  ])
    await fetch(server.url, {
      method: 'POST',
      body,
      headers: { authorization: `Basic ${btoa(`writer:${PASSWORDS.admin}`)}` },
    })
  return {
    address: new URL(server.url).host,
    async close() {
      await server.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** The lines of JSON among what a program wrote. */
export function checksOf(output: string): readonly Check[] {
  const lines = output.split('\n').filter((line) => line.startsWith('{'))
  return lines.map((line) => JSON.parse(line) as Check)
}

/** The checks that the README's table claims for a client. */
export function claimed(client: string): readonly string[] {
  const readme = readFileSync(new URL('./README.md', import.meta.url), 'utf8')
  const [, section = ''] = readme.split(`\n## ${client}`)
  const rows = section.split('\n## ')[0]?.matchAll(/^\| (.+?) +\| (?:yes) +\|$/gm) ?? []
  return [...rows].map(([, check = '']) => check.trim())
}
