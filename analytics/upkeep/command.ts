import { randomBytes } from 'node:crypto'
import { Command } from 'commander'
import { Registry } from 'prom-client'
import { consumedTopics } from '#pipelines/flow/bindings.ts'
import { brokerLogin } from '#pipelines/http/broker-login.ts'
import { serviceConfig } from '#pipelines/http/service-config.ts'
import { systemClock } from '#pipelines/kernel/clock.ts'
import { readConfig, Type } from '#pipelines/kernel/config.ts'
import { closer } from '#pipelines/kernel/lifecycle.ts'
import { createLog } from '#pipelines/kernel/log.ts'
import { httpRegistry } from '#schemas/codec/http-registry.ts'
import { listOf } from '../config.ts'
import { fetchSource } from '../ingest/fetch/fetch-source.ts'
import { startIngest } from '../ingest/ingest.ts'
import { ingestMetrics } from '../ingest/metrics.ts'
import { topicIdentity } from '../ingest/topic-ids.ts'
import { openStore, openUpkeep } from '../store.ts'
import { type LayoutSettings, layoutFields, layoutOf } from '../tables/layout-settings.ts'
import { databasesOf } from '../tables/migrate.ts'
import { eraseCustomer } from './erase.ts'
import { importHistory } from './import/import-history.ts'
import { rebuild } from './rebuild.ts'

const EXAMPLES = `
Examples:
  eshop analytics rebuild                          fill new tables from the topics, then swap; queries and ingest go on
  eshop analytics erase --customer alice           erase what names a customer, here and after any rebuild
  eshop analytics import history.csv --currency GBP   past orders with their own dates, beside the live ones; again adds nothing

They act as the administrator of ClickHouse: CLICKHOUSE_URL, CLICKHOUSE_USER, CLICKHOUSE_PASSWORD, CLICKHOUSE_DATABASE; rebuild also wants
KAFKA_BROKERS and REGISTRY_URL. Without them: the local shop.`

/** What is done to the stored tables from time to time: `eshop analytics rebuild`, `erase`, `import`. */
export function upkeepCommands(): Command[] {
  const command = new Command('analytics')
  const config = () => readConfig(Schema, environment()) as Settings
  const open = (settings: Settings) => ({
    db: openUpkeep(settings),
    databases: databasesOf(settings.clickhouseDatabase),
  })

  command
    .command('rebuild')
    .description('fill new tables from the topics while the old ones serve, then swap')
    .action(async () => {
      const settings = config()
      const { db, databases } = open(settings)
      const log = createLog('rebuild', 'error') // dead letters are known, and counted by the strip
      const connection = { ...brokerLogin(settings), brokers: listOf(settings.kafkaBrokers) }
      const topics = consumedTopics('analytics')
      const groupId = `analytics-rebuild-${randomBytes(4).toString('hex')}`
      const source = fetchSource({ connection, groupId, topics, log })
      const all = closer()
      all.add(db)
      const store = all.add(openStore(settings))
      all.add(source)
      let shown = 0
      try {
        const { read, copied } = await rebuild({
          db,
          databases,
          topics,
          layout: layoutOf(settings),
          ranges: () => source.ranges(topics),
          ingestInto: (into) =>
            startIngest({
              source,
              topics,
              identity: () => topicIdentity(connection, topics),
              registry: httpRegistry({ registryUrl: settings.registryUrl }),
              db: store,
              databases: into,
              clock: systemClock,
              log,
              metrics: ingestMetrics(new Registry()),
            }),
          progress(stored, of) {
            if (Date.now() - shown < 2_000) return
            shown = Date.now()
            process.stderr.write(`${stored} of ${of} records\n`)
          },
        })
        process.stdout.write(
          `rebuilt: ${read} records from the topics, ${copied} copied that the topics no longer hold\n`,
        )
      } finally {
        await all.close()
      }
    })

  command
    .command('erase')
    .description('erase the personal data of a customer')
    .requiredOption('--customer <id>', 'the customer, as events name them')
    .action(async ({ customer }: { customer: string }) => {
      const { db, databases } = open(config())
      try {
        const { orders, events, deadLetters } = await eraseCustomer(db, databases, customer)
        process.stdout.write(`erased in ${orders} orders, ${events} events and ${deadLetters} dead letters\n`)
      } finally {
        await db.close()
      }
    })

  command
    .command('import')
    .description('load past orders from a CSV file (the columns of `eshop replay`)')
    .argument('<file.csv>', 'InvoiceNo, StockCode, Description, Quantity, InvoiceDate, UnitPrice, CustomerID, Country')
    .option('--currency <code>', 'ISO 4217 code of the prices', 'GBP')
    .option('--day-first', 'read 3/4/2011 as 3 April', false)
    .action(async (file: string, { currency, dayFirst }: { currency: string; dayFirst: boolean }) => {
      const { db, databases } = open(config())
      try {
        const { lines, refused, orders } = await importHistory(db, databases, file, {
          currency,
          dayFirst,
          progress: (read) => process.stderr.write(`${read} lines\n`),
        })
        const left = [...refused].map(([why, many]) => `${many} ${why}`).join(', ')
        process.stdout.write(`${lines} lines of ${orders} orders are there${left && `; left out: ${left}`}\n`)
      } finally {
        await db.close()
      }
    })
  return command.commands.map((one) => one.addHelpText('after', EXAMPLES))
}

/** As the administrator: the service's own user, which the environment of the local shop names, may not make and drop databases. */
function environment(): NodeJS.ProcessEnv {
  const { CLICKHOUSE_USER, ...others } = process.env
  return CLICKHOUSE_USER === 'ingest' ? others : process.env
}

const Schema = Type.Object({
  clickhouseUrl: Type.String({ default: 'http://127.0.0.1:8123' }),
  clickhouseUser: Type.String({ default: 'default' }),
  clickhousePassword: Type.String({ default: '' }),
  clickhouseDatabase: Type.String({ default: 'eshop' }),
  kafkaBrokers: Type.String({ default: '127.0.0.1:9092' }),
  kafkaSsl: serviceConfig.kafkaSsl,
  kafkaSaslMechanism: serviceConfig.kafkaSaslMechanism,
  kafkaUsername: serviceConfig.kafkaUsername,
  kafkaPassword: serviceConfig.kafkaPassword,
  registryUrl: Type.String({ default: 'http://127.0.0.1:8081/apis/ccompat/v7' }),
  ...layoutFields,
})

interface Settings extends LayoutSettings {
  readonly clickhouseUrl: string
  readonly clickhouseUser: string
  readonly clickhousePassword: string
  readonly clickhouseDatabase: string
  readonly kafkaBrokers: string
  readonly kafkaSsl: boolean
  readonly registryUrl: string
}
