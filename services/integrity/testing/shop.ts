import { Registry as Metrics } from 'prom-client'
import { consumedTopics } from '#pipelines/flow/bindings.ts'
import { PARTITIONS, type TopicName } from '#pipelines/flow/map.ts'
import { measuredDatabase } from '#pipelines/http/measured-database.ts'
import type { Outside } from '#pipelines/http/outside.ts'
import type { HttpPlace, Service } from '#pipelines/http/service.ts'
import type { Role } from '#pipelines/http/types.ts'
import { type Clock, systemClock } from '#pipelines/kernel/clock.ts'
import type { Database } from '#pipelines/kernel/database.ts'
import { newId } from '#pipelines/kernel/ids.ts'
import { type Log, silentLog } from '#pipelines/kernel/log.ts'
import { createOutbox } from '#pipelines/outbox/outbox.ts'
import { memoryBinder } from '#pipelines/stream/binders/memory/binder.ts'
import { memoryBroker } from '#pipelines/stream/binders/memory/broker.ts'
import { partitionOf } from '#pipelines/stream/partitioner.ts'
import { topicSpecs } from '#pipelines/stream/topics.ts'
import { type TestDatabase, testDatabase } from '#pipelines/testing/database.ts'
import { eventually } from '#pipelines/testing/eventually.ts'
import { testIssuer } from '#pipelines/testing/tokens.ts'
import { createCodec } from '#schemas/codec/codec.ts'
import { memoryRegistry } from '#schemas/codec/memory-registry.ts'
import { registerAll } from '#schemas/codec/register.ts'
import type { Registry, SchemaLookup } from '#schemas/codec/registry.ts'
import { eventTypes } from '#schemas/generated/events.ts'
import { createBasket } from '#services/basket/app.ts'
import { restCatalog } from '#services/basket/catalog/rest.ts'
import { createCatalog } from '#services/catalog/app.ts'
import { createOrdering } from '#services/ordering/app.ts'
import { confirmGracePeriods } from '#services/ordering/grace-period/confirm.ts'
import { PATIENT } from '#services/ordering/testing/patience.ts'
import { createPayment } from '#services/payment/app.ts'
import type { PaymentProvider } from '#services/payment/provider/provider.ts'
import { simulatedProvider } from '#services/payment/provider/simulated.ts'

export const SERVICES = ['catalog', 'ordering', 'payment', 'basket'] as const
export type ServiceName = (typeof SERVICES)[number]

export interface ShopOptions {
  readonly log?: Log
  readonly settings?: Partial<typeof PATIENT>
  /** What stands between a service and its database, such as a proxy: gets the database's URL, gives the one to use. */
  readonly way?: (service: ServiceName, databaseUrl: string) => string
  /** Largest number of connections of each service. */
  readonly maxConnections?: number
  readonly provider?: (simulated: PaymentProvider) => PaymentProvider
  /** What the services take for the time. */
  readonly clock?: Clock
  /** What the services look schemas up in; gets the registry that holds all of them. */
  readonly lookup?: (registry: Registry) => SchemaLookup
  /** Milliseconds until basket and catalog and payment tell again what was not heard. */
  readonly resendMs?: number
}

/**
 * The four services in this process, each on a PostgreSQL database of its own, over a broker and a registry in memory. Their grace period
 * ends at once, and is confirmed when a test says so.
 */
export async function shopInProcess(options: ShopOptions = {}) {
  const { log = silentLog, settings, maxConnections = 20, resendMs = 60_000 } = options
  const issuer = await testIssuer()
  const broker = memoryBroker()
  await memoryBinder(broker).provision(topicSpecs())
  const registry = memoryRegistry()
  await registerAll({ registry })
  const codec = createCodec({ registry: options.lookup?.(registry) ?? registry })
  await codec.prepare(eventTypes)
  const databases = {} as Record<ServiceName, TestDatabase>
  for (const name of SERVICES) databases[name] = await testDatabase({ maxConnections: 4 })
  const urls = {} as Record<ServiceName, string>
  let running: { close(): Promise<void> }[] = []

  function outsideOf(name: ServiceName): Outside & { database: Database } {
    const url = options.way?.(name, databases[name].url) ?? databases[name].url
    const metrics = new Metrics()
    const database = measuredDatabase({ url, maxConnections, name: `test ${name}`, acquireMs: 2_000 }, metrics)
    running.push(database)
    const binder = memoryBinder(broker)
    running.push(binder)
    return {
      database,
      binder,
      codec,
      auth: issuer.auth,
      clock: options.clock ?? systemClock,
      log,
      metrics,
    }
  }

  function create(name: ServiceName, outside: Outside, http: HttpPlace): Service {
    switch (name) {
      case 'catalog':
        return createCatalog(outside, http, { reservationResendMs: resendMs })
      case 'ordering':
        return createOrdering(outside, { gracePeriodMs: 0, ...PATIENT, ...settings }, http)
      case 'payment': {
        const memory = { ...outside.database, close: async () => {} }
        const simulated = simulatedProvider(memory, { silenceMs: 10 })
        const provider = options.provider?.(simulated) ?? simulated
        const charging = { chargeConcurrency: 8, providerTimeoutMs: 2_000, chargeRetryMs: 10, answerResendMs: resendMs }
        return createPayment({ ...outside, provider }, charging, http)
      }
      case 'basket': {
        const limits = { basketMaxLines: 100, basketMaxQuantity: 1_000, basketTtlMs: 86_400_000 }
        const catalog = restCatalog({ url: urls.catalog ?? '', timeoutMs: 5_000 })
        return createBasket(
          { ...outside, catalog },
          { ...limits, orderingUrl: urls.ordering ?? '', checkoutResendMs: resendMs },
          http,
        )
      }
    }
  }

  async function start(): Promise<void> {
    for (const name of SERVICES) {
      const service = create(name, outsideOf(name), {
        host: '127.0.0.1',
        port: 0,
        drainMs: 0,
        limits: { eventLoopDelayMs: 0, perSubject: 0 },
      })
      running.push(service)
      urls[name] = (await service.start()).url
    }
  }

  /** Ends the services; databases, topics and positions stay. */
  async function stop(): Promise<void> {
    const closing = running.toReversed()
    running = []
    for (const each of closing) await each.close()
  }

  async function call(
    service: ServiceName,
    method: string,
    path: string,
    { as = 'customer' as Role, sub = 'alice', body, headers = {} }: CallOptions = {},
  ) {
    const response = await fetch(`${urls[service]}${path}`, {
      method,
      headers: {
        ...(await issuer.bearer(as, sub)),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(30_000),
    })
    const text = await response.text()
    return {
      status: response.status,
      headers: response.headers,
      // biome-ignore lint/suspicious/noExplicitAny: tests compare what they expect
      body: (text === '' ? undefined : JSON.parse(text)) as any,
    }
  }

  async function confirmGrace(): Promise<void> {
    const openOutbox = async () => createOutbox('grace-period', codec)
    const signal = new AbortController().signal
    await confirmGracePeriods({ database: databases.ordering, openOutbox, executionId: newId(), signal })
  }

  /** Whether everything that was committed is sent, and everything sent is read. */
  async function isQuiet(): Promise<boolean> {
    for (const name of SERVICES) {
      const [row] = await databases[name].query<{ unsent: number }>(
        'select count(*)::int as unsent from outbox where sent_at is null',
      )
      if (row?.unsent !== 0) return false
      const lags = await memoryBinder(broker).lag(name, consumedTopics(name))
      if (lags.some(({ lag }) => lag > 0)) return false
    }
    const [open] = await databases.payment.query('select 1 from payments where due_at is not null limit 1')
    return open === undefined
  }

  await start()
  return {
    databases,
    broker,
    codec,
    issuer,
    registry,
    urls,
    start,
    stop,
    call,
    confirmGrace,
    /** Resolves when nothing moves any more: three looks in a row, as work can be between two stores at a look. */
    async settled(withinMs = 60_000): Promise<void> {
      let quiet = 0
      await eventually(
        async () => {
          quiet = (await isQuiet()) ? quiet + 1 : 0
          return quiet >= 3
        },
        { withinMs, everyMs: 150, what: 'the shop is quiet' },
      )
    },
    /** A record as it stands there, whatever it is. */
    produceRaw(topic: TopicName, key: string, value: Buffer | null, headers: Record<string, string> = {}): void {
      broker.append([{ topic, key, partition: partitionOf(key, PARTITIONS), value: value as Buffer, headers }])
    },
    /** Forgets what every group has read, and every inbox. Only while the services are stopped. */
    async rewind(): Promise<void> {
      for (const name of SERVICES) {
        ;(broker.group(name).committed as Map<string, string>).clear()
        await databases[name].query('truncate inbox, consumer_starts, consumer_attempts')
      }
    },
    async close(): Promise<void> {
      await stop()
      for (const name of SERVICES) await databases[name].close()
    },
  }
}

export interface CallOptions {
  readonly as?: Role
  readonly sub?: string
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

export type ShopInProcess = Awaited<ReturnType<typeof shopInProcess>>
