import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import type { ClickHouseClient } from '@clickhouse/client'
import { CodedError } from '#pipelines/kernel/errors.ts'

const FOLDER = new URL('./migrations/', import.meta.url)

/** The published database, and the one behind it that holds the tables. */
export interface Databases {
  readonly published: string
  readonly store: string
}

/** Analysts are kept out of databases of this ending, by the embedded server's guard as by the grants of a real one. */
export function databasesOf(name: string): Databases {
  return { published: name, store: `${name}_store` }
}

/** Creates the databases, and applies the numbered SQL files of `migrations/` that were not applied yet, each with its checksum.
 * The files are plain SQL for the databases `eshop` and `eshop_store`; other names are put in their place. ClickHouse has no
 * transactions for DDL: a file that broke half-way is applied again from its first statement, so what exists already is passed over.
 * @throws CodedError `MIGRATION_CHANGED` when a file that was applied has since been edited
 */
export async function migrate(db: ClickHouseClient, { published, store }: Databases): Promise<void> {
  for (const name of [published, store]) await db.command({ query: `CREATE DATABASE IF NOT EXISTS ${name}` })
  await db.command({
    query: `CREATE TABLE IF NOT EXISTS ${store}.migrations (name String, checksum String, applied_at DateTime DEFAULT now()) ENGINE = MergeTree ORDER BY name`,
  })
  const answer = await db.query({ query: `SELECT name, checksum FROM ${store}.migrations`, format: 'JSONEachRow' })
  const applied = new Map(
    (await answer.json<{ name: string; checksum: string }>()).map((row) => [row.name, row.checksum]),
  )
  const files = (await readdir(FOLDER)).filter((name) => name.endsWith('.sql')).sort()
  for (const name of files) {
    const sql = await readFile(new URL(name, FOLDER), 'utf8')
    const checksum = createHash('sha256').update(sql).digest('hex')
    const before = applied.get(name)
    if (before === checksum) continue
    if (before !== undefined)
      throw new CodedError('MIGRATION_CHANGED', `${name} was edited after it was applied: add a new file instead`)
    for (const statement of statementsOf(sql)) await db.command({ query: named(statement, { published, store }) })
    await db.insert({ table: `${store}.migrations`, values: [{ name, checksum }], format: 'JSONEachRow' })
  }
}

/** Statements end with a semicolon at the end of a line. */
function statementsOf(sql: string): readonly string[] {
  return sql
    .split(/;\s*$/m)
    .map((text) => text.replace(/^--.*$/gm, '').trim())
    .filter((text) => text !== '')
}

function named(sql: string, { published, store }: Databases): string {
  return sql
    .replace(/^CREATE TABLE (?!IF )/, 'CREATE TABLE IF NOT EXISTS ')
    .replace(/\beshop(_store)?\./g, (_match, isStore) => `${isStore ? store : published}.`)
}
