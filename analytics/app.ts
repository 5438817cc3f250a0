import type { ClickHouseClient } from '@clickhouse/client'
import type { Registry } from 'prom-client'
import { createHttpApp, type HttpAppOptions } from '#pipelines/http/app.ts'
import type { Authenticator, HttpApp } from '#pipelines/http/types.ts'
import { type Clock, HOUR } from '#pipelines/kernel/clock.ts'
import { Unavailable } from '#pipelines/kernel/errors.ts'
import { backoffMs, type Closable, pause } from '#pipelines/kernel/lifecycle.ts'
import type { Log } from '#pipelines/kernel/log.ts'
import type { SchemaLookup } from '#schemas/codec/registry.ts'
import { type AlertSettings, startAlerts } from './alerts/start.ts'
import type { Alerts } from './alerts/watch.ts'
import type { FlushLimits } from './ingest/flusher.ts'
import { type Ingest, startIngest } from './ingest/ingest.ts'
import { ingestMetrics } from './ingest/metrics.ts'
import type { Source } from './ingest/source.ts'
import type { TopicIdentity } from './ingest/topic-ids.ts'
import { loadBundle } from './pages/bundle.ts'
import { localSignInRoutes } from './pages/local-sign-in.ts'
import { pageRoutes } from './pages/routes.ts'
import { OWN_PANELS, panelShelf } from './panels/read.ts'
import { alertRoutes } from './routes/alerts.ts'
import { checkoutRoutes } from './routes/checkouts.ts'
import { dashboardRoutes } from './routes/dashboards.ts'
import { moneyRoutes } from './routes/money.ts'
import { orderEventRoutes } from './routes/order-events.ts'
import { orderRoutes } from './routes/orders.ts'
import { pipelineRoutes } from './routes/pipeline.ts'
import { productRoutes } from './routes/products.ts'
import { sqlRoutes } from './routes/sql.ts'
import { applyLayout, DEFAULT_LAYOUT, type Layout } from './tables/layout.ts'
import { type Databases, migrate } from './tables/migrate.ts'
import { eraseAgain } from './upkeep/erase.ts'
import { dropOldEvents } from './upkeep/retention.ts'

/** All that is outside analytics. Production and tests share the constructor and differ only in this. */
export interface AnalyticsOutside {
  /** Writes tables. */
  readonly store: ClickHouseClient
  /** Migrates, erases and drops: with hours for a statement (`openUpkeep`), as such a one may go over every row. */
  readonly upkeep: ClickHouseClient
  /** Asks the published views. */
  readonly reader: ClickHouseClient
  /** Asks what people write, with an analyst's rights. */
  readonly analyst: ClickHouseClient
  readonly source: Source
  readonly identity: () => Promise<TopicIdentity>
  readonly schemas: Pick<SchemaLookup, 'schemaOf'>
  readonly auth: Authenticator
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Registry
}

export interface AnalyticsSettings {
  readonly topics: readonly string[]
  readonly databases: Databases
  readonly limits?: FlushLimits
  /** How callers are treated, as in every service. */
  readonly http?: Pick<HttpAppOptions, 'limits' | 'drainMs'>
  /** How tables lie and how long rows stay. */
  readonly layout?: Layout
  /** Folders of panel files besides our own. */
  readonly panelFolders?: readonly string[]
  /** Alerts; without them nothing is watched. */
  readonly alerts?: AlertSettings
  /** The dashboards at `/`. Without it there is REST alone. */
  readonly page?: PageSettings
}

export interface PageSettings {
  /** Keeps what was bundled, for later starts. */
  readonly cacheFolder: string
  /** The token endpoint of the local issuer: whoever opens the page at localhost is an analyst with one click. Empty: nobody is. */
  readonly localSignInUrl: string
}

export interface Analytics extends Closable {
  readonly http: HttpApp
  /** Brings the tables up to date and begins to take records in; waits for ClickHouse and Kafka as long as it takes. */
  ingest(): Promise<void>
}

/** The analytics service: all topics in, one row per order out, and answers over REST. */
export async function createAnalytics(outside: AnalyticsOutside, settings: AnalyticsSettings): Promise<Analytics> {
  const { store, upkeep, reader, analyst, source, auth, clock, log, metrics } = outside
  const { topics, databases, limits, layout = DEFAULT_LAYOUT, panelFolders = [], page, alerts: alerting } = settings
  const shelf = panelShelf([OWN_PANELS, ...panelFolders], () => clock.now())
  // Once, not at each attempt to join: a registry refuses a name that it has.
  const counters = ingestMetrics(metrics)
  let ingest: Ingest | undefined
  let alerts: Alerts | undefined
  const closing = new AbortController()

  const http = await createHttpApp({
    ...settings.http,
    log,
    auth,
    registry: metrics,
    describe: {
      title: 'Analytics',
      version: '1',
      description: 'All topics joined per order, from ClickHouse. The same is there for SQL: `eshop sql`.',
    },
    dependencies: {
      async clickhouse() {
        const { success } = await reader.ping()
        if (!success) throw new Unavailable('CLICKHOUSE_AWAY', 'ClickHouse does not answer')
      },
      async ingest() {
        if (!ingest) throw new Unavailable('INGEST_STARTING', 'tables and topics are being prepared')
        await ingest.healthy()
      },
    },
    routes: [
      checkoutRoutes(reader),
      productRoutes(reader),
      orderRoutes(reader),
      moneyRoutes(reader),
      pipelineRoutes(reader, () => source.ranges(topics)),
      sqlRoutes(analyst),
      orderEventRoutes(reader),
      dashboardRoutes({ db: reader, shelf, ranges: () => source.ranges(topics) }),
      alertRoutes(() => alerts?.list() ?? []),
      ...(page ? dashboardPage(page, log) : []),
    ],
  })

  async function prepareTables() {
    await migrate(upkeep, databases)
    for (const waits of await applyLayout(upkeep, databases, layout)) log.warn(waits)
  }

  /** Records of a customer who was erased may come late, and every day some records become too old. */
  async function upkeepEachHour() {
    while (!closing.signal.aborted) {
      await eraseAgain(upkeep, databases).catch((err: unknown) => log.warn({ err }, 'erasing again failed'))
      await dropOldEvents(upkeep, databases, layout.keepDays.events, clock.now()).then(
        (rows) => rows > 0 && log.info({ rows }, 'events that were too old are dropped'),
        (err: unknown) => log.warn({ err }, 'dropping old events failed'),
      )
      await pause(HOUR, closing.signal)
    }
  }

  async function untilItWorks(what: string, work: () => Promise<void>) {
    for (let attempt = 1; !closing.signal.aborted; attempt++) {
      try {
        return await work()
      } catch (err) {
        log.warn({ err, attempt }, `${what} failed, trying again`)
        await pause(backoffMs(attempt, { capMs: 5_000 }), closing.signal)
      }
    }
  }

  return {
    http,
    async ingest() {
      await untilItWorks('preparing the tables', prepareTables)
      if (alerting && !closing.signal.aborted) {
        const ranges = () => source.ranges(topics)
        alerts = startAlerts(alerting, { ...outside, storeDatabase: databases.store, shelf, ranges })
      }
      void upkeepEachHour()
      await untilItWorks('joining the consumer group', async () => {
        ingest = await startIngest({
          ...outside,
          db: store,
          registry: outside.schemas,
          metrics: counters,
          topics,
          databases,
          ...(limits && { limits }),
        })
      })
    },
    async close() {
      closing.abort()
      await http.close()
      await alerts?.close()
      await (ingest ?? source).close()
    },
  }
}

function dashboardPage({ cacheFolder, localSignInUrl }: PageSettings, log: Log) {
  const localSignIn = localSignInUrl !== ''
  let loading: ReturnType<typeof loadBundle> | undefined
  const bundle = () => {
    loading ??= loadBundle(cacheFolder).catch((err: unknown) => {
      loading = undefined
      log.error({ err }, 'the dashboards could not be bundled')
      throw new Unavailable('PAGE_NOT_BUNDLED', 'the page could not be bundled, see the log', { cause: err })
    })
    return loading
  }
  bundle().catch(() => undefined) // so that the first visitor need not wait
  return [pageRoutes(bundle, { localSignIn }), ...(localSignIn ? [localSignInRoutes(localSignInUrl)] : [])]
}
