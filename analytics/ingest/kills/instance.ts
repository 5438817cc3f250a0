/**
 * An ingest as a process of its own, for tests that kill it: what `analytics/main.ts` runs, without HTTP and dashboards. It loads all it needs,
 * says `loaded`, and begins when a line comes in, so that the next one can stand ready before the last is killed.
 */

import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { Registry } from 'prom-client'
import { systemClock } from '#pipelines/kernel/clock.ts'
import { closer, runUntilSignal } from '#pipelines/kernel/lifecycle.ts'
import { createLog } from '#pipelines/kernel/log.ts'
import { httpRegistry } from '#schemas/codec/http-registry.ts'
import { openStore } from '../../store.ts'
import type { Databases } from '../../tables/migrate.ts'
import { startIngest } from '../ingest.ts'
import { ingestMetrics } from '../metrics.ts'
import { type SourceName, sources } from '../sources.ts'
import { topicIdentity } from '../topic-ids.ts'

export interface InstanceSettings {
  readonly brokers: readonly string[]
  readonly topics: readonly string[]
  readonly groupId: string
  readonly source: SourceName
  readonly registryUrl: string
  readonly clickhouseUrl: string
  readonly databases: Databases
  readonly sessionTimeoutMs: number
}

process.stdout.write('loaded\n')
const lines = createInterface(process.stdin)
lines.once('close', () => process.exit(1)) // whoever started it is gone
const [line] = (await once(lines, 'line')) as [string]
const settings = JSON.parse(line) as InstanceSettings
const { brokers, topics, groupId, sessionTimeoutMs, databases } = settings
const log = createLog('ingest', process.env.TEST_LOG ?? 'warn')
const open = closer()
runUntilSignal(open, { log })
const store = openStore({
  clickhouseUrl: settings.clickhouseUrl,
  clickhouseUser: 'ingest',
  clickhousePassword: '',
  clickhouseDatabase: databases.published,
})
open.add(store)
open.add(
  await startIngest({
    source: sources[settings.source]({ connection: { brokers }, groupId, topics, log, sessionTimeoutMs }),
    topics,
    identity: () => topicIdentity({ brokers }, topics),
    registry: httpRegistry({ registryUrl: settings.registryUrl }),
    db: store,
    databases,
    clock: systemClock,
    log,
    metrics: ingestMetrics(new Registry()),
    limits: { flushMs: 20, flushRows: 5_000, maxBytes: 8 * 1024 * 1024 },
    tellEveryMs: 50,
  }),
)
process.stdout.write('started\n')
