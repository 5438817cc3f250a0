import { askSql } from '../data/api.ts'

export interface TableColumn {
  readonly name: string
  readonly type: string
}

/** The published views with their columns, and the functions that ClickHouse has: what the editor completes. */
export interface Known {
  readonly tables: Readonly<Record<string, readonly TableColumn[]>>
  readonly functions: readonly string[]
}

let asked: Promise<Known> | undefined

/** Asked once per visit. */
export function knownNames(): Promise<Known> {
  asked ??= load().catch((error: unknown) => {
    asked = undefined
    throw error
  })
  return asked
}

async function load(): Promise<Known> {
  const [columns, functions] = await Promise.all([
    askSql(
      'SELECT table, name, type FROM system.columns WHERE database = currentDatabase() ORDER BY table, position',
      {},
      10_000,
    ),
    askSql("SELECT name FROM system.functions WHERE alias_to = '' ORDER BY name", {}, 10_000),
  ])
  const tables: Record<string, TableColumn[]> = {}
  for (const [table, name, type] of columns.rows as [string, string, string][]) {
    tables[table] ??= []
    tables[table].push({ name, type })
  }
  return { tables, functions: functions.rows.map(([name]) => String(name)) }
}
