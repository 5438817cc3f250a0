/**
 * `node analytics/bench/sides/ours.ts`: the ingest alone in a process of its own, as the service runs it, for a benchmark. The environment
 * says where and what; a line `reading` on stdout says that it has its partitions.
 */
import { Registry } from 'prom-client'
import { systemClock } from '#pipelines/kernel/clock.ts'
import { closer, runUntilSignal } from '#pipelines/kernel/lifecycle.ts'
import { createLog } from '#pipelines/kernel/log.ts'
import { httpRegistry } from '#schemas/codec/http-registry.ts'
import { startIngest } from '../../ingest/ingest.ts'
import { ingestMetrics } from '../../ingest/metrics.ts'
import { type SourceName, sources } from '../../ingest/sources.ts'
import { topicIdentity } from '../../ingest/topic-ids.ts'
import { openStore } from '../../store.ts'
import { databasesOf } from '../../tables/migrate.ts'

const env = process.env as Readonly<Record<string, string>>
const topics = (env.TOPICS ?? '').split(',')
const connection = { brokers: [env.BROKER ?? ''] }
const log = createLog('ingest', env.LOG_LEVEL ?? 'info')
const open = closer()
const database = env.DATABASE ?? ''
const db = open.add(
  openStore({
    clickhouseUrl: env.CLICKHOUSE_URL ?? '',
    clickhouseUser: 'default',
    clickhousePassword: '',
    clickhouseDatabase: database,
  }),
)
const ingest = await startIngest({
  source: sources[env.SOURCE as SourceName]({ connection, groupId: env.GROUP ?? '', topics, log }),
  topics,
  identity: () => topicIdentity(connection, topics),
  registry: httpRegistry({ registryUrl: env.REGISTRY_URL ?? '' }),
  db,
  databases: databasesOf(database),
  clock: systemClock,
  log,
  metrics: ingestMetrics(new Registry()),
  join: env.JOIN !== 'no',
  limits: { flushMs: Number(env.FLUSH_MS), flushRows: Number(env.FLUSH_ROWS), maxBytes: Number(env.MAX_BYTES) },
})
open.add(ingest)
if (env.BENCH_TELL) process.stderr.write(`start CPU ${JSON.stringify(process.cpuUsage())}\n`)
runUntilSignal(open, { log })
