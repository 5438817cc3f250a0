import type { Sql } from '#pipelines/kernel/database.ts'

/** Tables of the machinery: what was handled, sent or tried, not what is so. */
const MACHINERY = new Set(['inbox', 'outbox', 'migrations', 'consumer_starts', 'consumer_attempts'])
/** When a row was last touched, and how often something was told: not what it says. */
const BOOKKEEPING = ['updated_at']

/** Every row of every table of a database as text, sorted, without the machinery's and without bookkeeping times. */
export async function contentsOf(sql: Sql): Promise<Record<string, readonly string[]>> {
  const tables = await sql.query<{ name: string; table: string }>(
    `select format('%I.%I', schemaname, tablename) as name, tablename as table from pg_tables
     where schemaname not in ('pg_catalog', 'information_schema') order by 1`,
  )
  const contents: Record<string, readonly string[]> = {}
  for (const { name, table } of tables) {
    if (MACHINERY.has(table)) continue
    const rows = await sql.query<{ row: string }>(`select (to_jsonb(t) - $1::text[])::text as row from ${name} t`, [
      BOOKKEEPING,
    ])
    contents[name] = rows.map(({ row }) => row).toSorted()
  }
  return contents
}
