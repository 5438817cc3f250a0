import { CodedError } from '#pipelines/kernel/errors.ts'
import type { Relation, Schema } from './schema.ts'

/** Where a cluster keeps what. The macros `{shard}` and `{replica}` are each server's own. */
const SHARDED_PATH = '/clickhouse/tables/{shard}/{database}/{table}'
const EVERYWHERE_PATH = '/clickhouse/tables/all/{database}/{table}'

/**
 * The statements that make an empty cluster what one server is after all migrations: a replicated table on every shard, a Distributed table under
 * the old name over it, the views as they are, and the migrations as applied.
 * @throws CodedError `DDL_UNKNOWN_ENGINE` for a table of which it is not known what it should be on a cluster
 */
export function clusterDdl({ relations, migrations }: Schema, cluster: string): readonly string[] {
  const on = `ON CLUSTER ${quoted(cluster)}`
  const databases = [...new Set(relations.map(({ database }) => database))]
  const store = relations.find(({ name }) => name === 'migrations')?.database ?? ''
  return [
    ...databases.map((database) => `CREATE DATABASE IF NOT EXISTS ${database} ${on}`),
    ...relations.flatMap((relation) => (relation.select === '' ? table(relation, cluster, on) : [view(relation, on)])),
    `INSERT INTO ${store}.migrations (name, checksum) VALUES\n${migrations
      .map(({ name, checksum }) => `  (${quoted(name)}, ${quoted(checksum)})`)
      .join(',\n')}`,
  ]
}

const quoted = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`

/**
 * By what a table is spread. Everything about a record goes by its Kafka partition, which is chosen by the order's id: an order's events lie together, a record that
 * comes twice meets itself and is shown once, and all of a partition that one flush brings is one insert on one shard, so that the greatest offset stays the position.
 */
function shardingKey({ columns }: Relation): string | undefined {
  if (columns.includes('topic') && columns.includes('partition') && columns.includes('offset')) return 'partition'
  if (columns.includes('order_id')) return 'cityHash64(order_id)'
  return undefined
}

function table(relation: Relation, cluster: string, on: string): readonly string[] {
  const { database, name } = relation
  const key = shardingKey(relation)
  if (key === undefined) return [replicated(relation, name, EVERYWHERE_PATH, '{shard}-{replica}', on)]
  const local = `${name}_local`
  return [
    replicated(relation, local, SHARDED_PATH, '{replica}', on),
    `CREATE TABLE IF NOT EXISTS ${database}.${name} ${on} AS ${database}.${local}\nENGINE = Distributed(${quoted(cluster)}, ${quoted(database)}, ${quoted(local)}, ${key})`,
  ]
}

function replicated(
  { database, name, engine, create }: Relation,
  as: string,
  path: string,
  replica: string,
  on: string,
) {
  if (!/MergeTree$/.test(engine))
    throw new CodedError(
      'DDL_UNKNOWN_ENGINE',
      `${database}.${name} has the engine ${engine}: say in deploy/cluster.ts what it is on a cluster`,
    )
  const head = new RegExp(`^CREATE TABLE ${database}\\.\`?${name}\`?`)
  const written = create
    .replace(head, `CREATE TABLE IF NOT EXISTS ${database}.${as} ${on}`)
    .replace(new RegExp(`ENGINE = ${engine}(?:\\(([^()]*)\\))?`), (_all, inside?: string) => {
      const all = [quoted(path), quoted(replica), ...(inside ? [inside] : [])]
      return `ENGINE = Replicated${engine}(${all.join(', ')})`
    })
  if (!head.test(create) || written === create)
    throw new CodedError(
      'DDL_UNKNOWN_ENGINE',
      `${database}.${name} is written in a way that is not understood: ${create.slice(0, 200)}`,
    )
  return written
}

/** Read with the rights of who makes it: analysts see the views and not the tables behind them. */
function view({ database, name, select }: Relation, on: string): string {
  return `CREATE OR REPLACE VIEW ${database}.${name} ${on} DEFINER = CURRENT_USER SQL SECURITY DEFINER AS\n${select}`
}
