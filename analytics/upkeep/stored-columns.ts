import type { ClickHouseClient } from '@clickhouse/client'
import type { Databases } from '../tables/migrate.ts'

/** The columns of a table that are stored as given. */
export async function storedColumns(db: ClickHouseClient, { store }: Databases, table: string): Promise<string> {
  const answer = await db.query({
    query: `SELECT name FROM system.columns WHERE database = '${store}' AND table = '${table}' AND default_kind NOT IN ('MATERIALIZED', 'EPHEMERAL', 'ALIAS') ORDER BY position`,
    format: 'JSONEachRow',
  })
  return (await answer.json<{ name: string }>()).map(({ name }) => name).join(', ')
}
