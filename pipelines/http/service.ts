import { publishedEvents } from '#pipelines/flow/bindings.ts'
import { type Part, type TopicName, topicNames, topics } from '#pipelines/flow/map.ts'
import { inboxMigrations } from '#pipelines/inbox/inbox.ts'
import { DAY, HOUR } from '#pipelines/kernel/clock.ts'
import { CodedError, Unavailable } from '#pipelines/kernel/errors.ts'
import { backoffMs, type Closable, closer, pause } from '#pipelines/kernel/lifecycle.ts'
import type { Log } from '#pipelines/kernel/log.ts'
import { type Loop, startLoop } from '#pipelines/kernel/loop.ts'
import { migrate } from '#pipelines/kernel/migrations.ts'
import { outboxMigrations } from '#pipelines/outbox/outbox.ts'
import { consumerMigrations, createConsumer } from '#pipelines/stream/consumer/consumer.ts'
import type { Consumer, ConsumerOptions } from '#pipelines/stream/consumer/types.ts'
import { createDeadLetters } from '#pipelines/stream/dead-letters/dead-letters.ts'
import { forgettingBytes, watchDeadLetters } from '#pipelines/stream/dead-letters/upkeep.ts'
import { topicSpecs, verifyTopics } from '#pipelines/stream/topics.ts'
import type { Handlers } from '#pipelines/stream/types.ts'
import { createHttpApp } from './app.ts'
import { deadLetterRoutes } from './dead-letters/routes.ts'
import type { ProblemOf } from './failures.ts'
import { idempotencyMigrations, pruneIdempotency } from './idempotency.ts'
import type { Limits } from './limits.ts'
import type { Outside } from './outside.ts'
import { createPublisher, type Publisher } from './publisher.ts'
import type { Dependencies, Routes } from './types.ts'

/** Where a service listens, how it treats its callers, and how long it keeps what it could not handle. */
export interface HttpPlace {
  readonly host: string
  /** 0 for any free one. */
  readonly port: number
  readonly drainMs?: number
  readonly limits?: Limits
  /** Milliseconds that the bytes of dead letters are kept. Default 30 days, as long as personal data stays in the topics. */
  readonly deadLetterKeepMs?: number
}

export interface ServiceParts<P extends Part> {
  readonly outside: Outside
  /** Give the one the routes and loops publish with. Without it the service makes its own for the handlers. */
  readonly publisher?: Publisher<P>
  readonly routes: readonly Routes[]
  readonly handles: Handlers<P>
  /** Folders of the service's own tables. */
  readonly migrations: readonly string[]
  readonly loops?: readonly Loop[]
  /** What `/health/ready` looks at beside database, broker, consumer and issuer. */
  readonly dependencies?: Dependencies
  readonly problemOf?: ProblemOf
  readonly http: HttpPlace
}

export interface Service extends Closable {
  /**
   * Brings it up and resolves when it listens. What is away is waited for.
   * @throws SchemasNotRegistered, TopicsDiffer, CodedError `MIGRATION_CHANGED`: what no waiting helps
   */
  start(): Promise<{ readonly url: string }>
  /** Takes no new requests, finishes what is in flight, leaves the group, sends what is committed as far as the broker takes it. */
  close(): Promise<void>
}

/** A service of a part of the map: its routes, its handlers, the relay of its outbox and its loops, as one thing to start and close. */
export function service<P extends Part>(part: P, parts: ServiceParts<P>): Service {
  const { outside, http, loops = [], publisher = createPublisher(part, outside) } = parts
  const { database, binder, codec, log } = outside
  const running = closer()
  const stop = new AbortController()

  async function prepare(): Promise<void> {
    await migrate(database, [...libraryMigrations, ...parts.migrations])
    await codec.prepare(publishedEvents(part))
    await verifyTopics(binder, topicSpecs(topicsOf(part)))
  }

  const consuming: ConsumerOptions<P> = {
    handlers: parts.handles,
    database,
    codec,
    binder,
    outbox: publisher,
    log,
    metrics: outside.metrics,
    onPublished: publisher.kick,
  }
  const consumer = createConsumer(part, consuming)
  const deadLetters = createDeadLetters(part, consuming)
  watchDeadLetters(database, part, outside.metrics)
  const upkeep = [pruning(outside), forgettingBytes(database, part, http.deadLetterKeepMs ?? 30 * DAY)]

  async function start(): Promise<{ url: string }> {
    await whenThere(prepare, log, stop.signal)
    if (stop.signal.aborted) throw new CodedError('SERVICE_CLOSED', 'the service was closed before it had started')
    // Closed in the reverse order: no request, no loop and no event is taken while what it needs is already gone.
    publisher.relay.start()
    running.add(publisher.relay)
    consumer.start()
    running.add(consumer)
    for (const loop of [...loops, ...upkeep]) running.add(startLoop(loop, log))
    const app = await createHttpApp({
      log,
      auth: outside.auth,
      registry: outside.metrics,
      routes: [...parts.routes, deadLetterRoutes(part, { database, codec, deadLetters })],
      describe: { title: `eshop ${part}`, version: '1' },
      dependencies: {
        database: () => database.query('select 1'),
        consumer: () => whenReady(consumer),
        ...parts.dependencies,
      },
      ...(http.limits && { limits: http.limits }),
      ...(http.drainMs !== undefined && { drainMs: http.drainMs }),
      ...(parts.problemOf && { problemOf: parts.problemOf }),
    })
    running.add({ close: () => app.close() })
    const url = await app.listen({ host: http.host, port: http.port })
    return { url }
  }

  return {
    start,
    async close() {
      stop.abort()
      await running.close()
    },
  }
}

const libraryMigrations = [outboxMigrations, inboxMigrations, consumerMigrations, idempotencyMigrations]

async function whenReady(consumer: Consumer): Promise<void> {
  const { ready, reason } = consumer.status()
  if (!ready) throw new Unavailable('CONSUMER_NOT_READY', `the consumer is not ready: ${reason ?? 'it has just begun'}`)
}

function topicsOf(part: Part): TopicName[] {
  return topicNames.filter(
    (name) => topics[name].producer === part || (topics[name].consumers as readonly Part[]).includes(part),
  )
}

function pruning({ database }: Outside): Loop {
  return {
    name: 'idempotency-pruning',
    everyMs: HOUR,
    async run(signal) {
      while (!signal.aborted && (await pruneIdempotency(database)) > 0);
    },
  }
}

/** Runs a step of the start until nothing it needs is away: parts of a shop start in any order. Other errors end the start. */
async function whenThere(step: () => Promise<void>, log: Log, signal: AbortSignal): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await step()
    } catch (error) {
      if (!(error instanceof Unavailable) || signal.aborted) throw error
      log.warn({ code: error.code, reason: error.message, attempt }, 'the start waits for what is away')
      await pause(backoffMs(attempt, { capMs: 3_000 }), signal)
    }
  }
}
