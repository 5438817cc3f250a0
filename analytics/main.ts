import { Registry } from 'prom-client'
import { consumedTopics } from '#pipelines/flow/bindings.ts'
import { createAuthenticator } from '#pipelines/http/auth/authenticator.ts'
import { jwksUrlOf } from '#pipelines/http/auth/config.ts'
import { remoteKeys } from '#pipelines/http/auth/keys.ts'
import { brokerLogin } from '#pipelines/http/broker-login.ts'
import { systemClock } from '#pipelines/kernel/clock.ts'
import { messageOf, UsageError } from '#pipelines/kernel/errors.ts'
import { closer, runUntilSignal } from '#pipelines/kernel/lifecycle.ts'
import { createLog } from '#pipelines/kernel/log.ts'
import { httpRegistry } from '#schemas/codec/http-registry.ts'
import { OWN_RULES, readRules } from './alerts/read.ts'
import { createAnalytics } from './app.ts'
import { type AnalyticsConfig, listOf, readAnalyticsConfig } from './config.ts'
import { sources } from './ingest/sources.ts'
import { topicIdentity } from './ingest/topic-ids.ts'
import { refuseInProduction } from './pages/local-sign-in.ts'
import { openAnalyst, openReader, openStore, openUpkeep } from './store.ts'
import { layoutOf } from './tables/layout-settings.ts'
import { databasesOf } from './tables/migrate.ts'

async function start(config: AnalyticsConfig) {
  refuseInProduction(config.localSignInUrl)
  const log = createLog('analytics', config.logLevel)
  const open = closer()
  const connection = { ...brokerLogin(config), brokers: listOf(config.kafkaBrokers) }
  const named = listOf(config.kafkaTopics)
  const topics = named.length > 0 ? named : consumedTopics('analytics')
  const analytics = await createAnalytics(
    {
      store: open.add(openStore(config)),
      upkeep: open.add(openUpkeep(config)),
      reader: open.add(openReader(config)),
      analyst: open.add(openAnalyst(config)),
      source: sources[config.kafkaSource]({ connection, groupId: config.kafkaGroup, topics, log }),
      identity: () => topicIdentity(connection, topics),
      schemas: httpRegistry({ registryUrl: config.registryUrl }),
      auth: createAuthenticator({
        issuer: config.issuer,
        audience: config.audience,
        keys: remoteKeys({ url: jwksUrlOf(config), log }),
        clock: systemClock,
      }),
      clock: systemClock,
      log,
      metrics: new Registry(),
    },
    {
      topics,
      layout: layoutOf(config),
      databases: databasesOf(config.clickhouseDatabase),
      panelFolders: listOf(config.dashboardsDir),
      alerts: {
        rules: await readRules([OWN_RULES, ...listOf(config.alertsDir)], process.env),
        webhook: config.alertsWebhook,
        calling: { allowPrivate: config.alertsAllowPrivate },
      },
      page: { cacheFolder: config.pageCacheDir, localSignInUrl: config.localSignInUrl },
      http: { limits: { perSubject: config.requestsPerMinute }, drainMs: config.drainMs },
      limits: { flushMs: config.flushMs, flushRows: config.flushRows, maxBytes: config.maxBufferBytes },
    },
  )
  open.add(analytics)
  runUntilSignal(open, { log })
  const url = await analytics.http.listen({ host: config.host, port: config.port })
  log.info({ url, topics: topics.length }, 'listening')
  await analytics.ingest()
}

try {
  await start(readAnalyticsConfig())
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`)
  process.exit(error instanceof UsageError ? 2 : 1)
}
