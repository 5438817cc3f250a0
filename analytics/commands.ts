import { Command } from 'commander'
import { deployCommands } from './deploy/commands.ts'
import { runSql, type SqlOptions } from './sql/run.ts'
import { upkeepCommands } from './upkeep/command.ts'

const EXAMPLES = `
Examples:
  eshop sql "select status, count() from orders group by status"
  eshop sql "select * from order_items limit 5" --json
  eshop sql "select name, sum(quantity) as units from order_items group by name" --csv > units.csv
  eshop sql "show tables"            what there is; "describe table orders" shows columns
  eshop sql - < question.sql         reads the statement from the input

The statement runs as the read-only user: 60 s, 2 GB, published views only.
CLICKHOUSE_URL, CLICKHOUSE_DATABASE, CLICKHOUSE_ANALYST_USER and CLICKHOUSE_ANALYST_PASSWORD say where and as whom.`

/** `eshop sql`: a question to ClickHouse, read-only. */
export function sqlCommand(): Command {
  return new Command('sql')
    .description('ask ClickHouse in SQL, read-only')
    .argument('<statement>', 'SELECT, SHOW, DESCRIBE, EXPLAIN or EXISTS; - reads it from the input')
    .option('--json', 'one JSON object per line')
    .option('--csv', 'CSV with a header line')
    .option('--url <url>', 'HTTP address of ClickHouse')
    .option('--database <name>', 'database to ask')
    .addHelpText('after', EXAMPLES)
    .action((statement: string, options: SqlOptions) => runSql(statement, options))
}

/** `eshop analytics …` */
export function analyticsCommand(): Command {
  const analytics = new Command('analytics').description(
    'rebuild, erase and import; what a ClickHouse and a Grafana of your own need',
  )
  for (const command of [...upkeepCommands(), ...deployCommands()]) analytics.addCommand(command)
  return analytics
}
