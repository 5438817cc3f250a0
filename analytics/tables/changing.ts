import type { ClickHouseClient } from '@clickhouse/client'
import type { Databases } from './migrate.ts'

/** How the tables of a store are changed: on one server as they are; on a cluster by what lies under their Distributed tables, on every server. */
export interface Changing {
  readonly onCluster: boolean
  /** `ALTER TABLE ${target('events')} …`: the table that holds the rows, and ON CLUSTER where there are several of it. */
  target(table: string): string
  /** The name of the table that holds the rows, without its database. */
  local(table: string): string
  /** For a statement that is over when the command is: what it changed is changed in every part on every server. */
  readonly settings: Readonly<Record<string, string>>
}

interface DistributedRow {
  readonly name: string
  readonly cluster: string
  readonly local: string
}

/** Asks ClickHouse which tables of the store are Distributed ones (`deploy/cluster.ts`): none of them takes ALTER, and none holds a row. */
export async function changing(db: ClickHouseClient, { store }: Pick<Databases, 'store'>): Promise<Changing> {
  const answer = await db.query({
    query: `SELECT name, extract(engine_full, 'Distributed\\\\(\\'([^\\']*)\\'') AS cluster,
        extract(engine_full, 'Distributed\\\\(\\'[^\\']*\\', \\'[^\\']*\\', \\'([^\\']*)\\'') AS local
      FROM system.tables WHERE database = {store:String} AND engine = 'Distributed'`,
    query_params: { store },
    format: 'JSONEachRow',
  })
  return changingOf(store, await answer.json<DistributedRow>())
}

export function changingOf(store: string, rows: readonly DistributedRow[]): Changing {
  const distributed = new Map(rows.map((row) => [row.name, row]))
  const [{ cluster = '' } = {}] = rows
  const on = rows.length > 0 ? ` ON CLUSTER '${cluster.replaceAll("'", "\\'")}'` : ''
  const local = (table: string) => distributed.get(table)?.local ?? table
  return {
    onCluster: rows.length > 0,
    local,
    // A table that is whole on every server is replicated too: one server changes it for all, and ON CLUSTER finds it changed.
    target: (table) => `${store}.${local(table)}${on}`,
    settings: {
      mutations_sync: '2',
      ...(on && { distributed_ddl_task_timeout: '-1', distributed_ddl_output_mode: 'throw' }),
    },
  }
}
