import { Command } from 'commander'
import { UsageError } from '#pipelines/kernel/errors.ts'
import type { LayoutSettings } from '../tables/layout-settings.ts'

const NAME = /^[A-Za-z_][\w.-]{0,63}$/

function named(what: string, value: string): string {
  if (!NAME.test(value)) throw new UsageError('NAME_INVALID', `${what} is a name of letters, digits, _ . -`)
  return value
}

const asScript = (statements: readonly string[]) => `${statements.join(';\n\n')};\n`

const EXAMPLES = `
Examples:
  eshop analytics ddl --cluster shop > cluster.sql      tables, Distributed tables and views for an empty cluster
  CLICKHOUSE_ANALYST_PASSWORD=… eshop analytics roles --cluster shop | clickhouse-client --multiquery
  eshop analytics grafana > eshop.json                  for Grafana: Dashboards, New, Import`

/** `eshop analytics ddl | roles | grafana`: what a ClickHouse of your own needs, printed. */
export function deployCommands(): readonly Command[] {
  const ddl = new Command('ddl')
    .description(
      'SQL that makes an empty ClickHouse cluster what one server is after all migrations; PARTITION_EVENTS, PARTITION_ORDERS and KEEP_…_DAYS are kept',
    )
    .requiredOption('--cluster <name>', 'cluster as in system.clusters')
    .option('--database <name>', 'database that analysts see', 'eshop')
    .addHelpText('after', EXAMPLES)
    .action(async ({ cluster, database }: { cluster: string; database: string }) => {
      const { onMigrated } = await import('./schema.ts')
      const { clusterDdl } = await import('./cluster.ts')
      const { layoutFields, layoutOf } = await import('../tables/layout-settings.ts')
      const { readConfig, Type } = await import('#pipelines/kernel/config.ts')
      const layout = layoutOf(readConfig(Type.Object(layoutFields), process.env) as LayoutSettings)
      const statements = await onMigrated(
        named('--database', database),
        async (_db, schema) => clusterDdl(schema, named('--cluster', cluster)),
        layout,
      )
      process.stdout.write(asScript(statements))
    })
  const roles = new Command('roles')
    .description(
      'SQL for users, roles, settings profiles and quotas; passwords from CLICKHOUSE_PASSWORD, CLICKHOUSE_INGEST_PASSWORD, CLICKHOUSE_ANALYST_PASSWORD',
    )
    .option('--cluster <name>', 'ON CLUSTER')
    .option('--database <name>', 'database that analysts see', 'eshop')
    .action(async ({ cluster, database }: { cluster?: string; database: string }) => {
      const { roleStatements } = await import('./roles.ts')
      const { CLICKHOUSE_PASSWORD, CLICKHOUSE_INGEST_PASSWORD, CLICKHOUSE_ANALYST_PASSWORD } = process.env
      const passwords = {
        ...(CLICKHOUSE_PASSWORD && { admin: CLICKHOUSE_PASSWORD }),
        ...(CLICKHOUSE_INGEST_PASSWORD && { ingest: CLICKHOUSE_INGEST_PASSWORD }),
        ...(CLICKHOUSE_ANALYST_PASSWORD && { analyst: CLICKHOUSE_ANALYST_PASSWORD }),
      }
      const on = cluster === undefined ? undefined : named('--cluster', cluster)
      process.stdout.write(
        asScript(roleStatements({ database: named('--database', database), cluster: on, passwords })),
      )
    })
  const grafana = new Command('grafana')
    .description("a dashboard for Grafana's ClickHouse data source, made from the panels in analytics/dashboards")
    .action(async () => {
      const { grafanaDashboard } = await import('./grafana.ts')
      process.stdout.write(`${JSON.stringify(await grafanaDashboard(), undefined, 2)}\n`)
    })
  return [ddl, roles, grafana]
}
