import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Database } from './database.ts'
import { CodedError } from './errors.ts'

const LOCK = 7_261_001
/** An index over a large table takes its time, and so does waiting for the process that makes it. */
const UNLIMITED = { statementMs: 0 }

/**
 * Applies plain SQL files in the order of their names, each once and in a transaction of its own, remembering a checksum. Several
 * folders (a library's, then the service's) are applied one after the other. Safe when several processes start at once.
 * @throws CodedError `MIGRATION_CHANGED` when a file that was applied has since been edited
 */
export async function migrate(database: Database, folders: readonly string[]): Promise<void> {
  const files = await listFiles(folders)
  const before = await appliedBefore(database)
  for (const { name, sql, checksum } of files) {
    if (before.get(name) === checksum) continue
    await database.transaction(async (tx) => {
      await tx.query('select pg_advisory_xact_lock($1)', [LOCK])
      await tx.query(
        'create table if not exists migrations (name text primary key, checksum text not null, applied_at timestamptz not null default now())',
      )
      const [applied] = await tx.query<{ checksum: string }>('select checksum from migrations where name = $1', [name])
      if (applied && applied.checksum !== checksum) {
        throw new CodedError('MIGRATION_CHANGED', `${name} was edited after it was applied: add a new file instead`)
      }
      if (applied) return
      await tx.query(sql)
      await tx.query('insert into migrations (name, checksum) values ($1, $2)', [name, checksum])
    }, UNLIMITED)
  }
}

/** What needs no further look: most programs start on a database that has everything, some of them every second. */
async function appliedBefore(database: Database): Promise<ReadonlyMap<string, string>> {
  const [table] = await database.query<{ found: boolean }>("select to_regclass('migrations') is not null as found")
  if (!table?.found) return new Map()
  const rows = await database.query<{ name: string; checksum: string }>('select name, checksum from migrations')
  return new Map(rows.map(({ name, checksum }) => [name, checksum]))
}

async function listFiles(folders: readonly string[]) {
  const files: { name: string; sql: string; checksum: string }[] = []
  for (const folder of folders) {
    const area = basename(folder) === 'migrations' ? basename(join(folder, '..')) : basename(folder)
    for (const file of (await readdir(folder)).filter((entry) => entry.endsWith('.sql')).sort()) {
      const sql = await readFile(join(folder, file), 'utf8')
      files.push({ name: `${area}/${file}`, sql, checksum: createHash('sha256').update(sql).digest('hex') })
    }
  }
  return files
}
