import { Registry } from 'prom-client'
import { publishedEvents, topicOf } from '#pipelines/flow/bindings.ts'
import { createHttpApp } from '#pipelines/http/app.ts'
import { silentLog } from '#pipelines/kernel/log.ts'
import { createOutbox, outboxMigrations } from '#pipelines/outbox/outbox.ts'
import type { HandlerContext, Outcome } from '#pipelines/stream/types.ts'
import { testDatabase } from '#pipelines/testing/database.ts'
import { testIssuer } from '#pipelines/testing/tokens.ts'
import { createCodec } from '#schemas/codec/codec.ts'
import { memoryRegistry } from '#schemas/codec/memory-registry.ts'
import { registerAll } from '#schemas/codec/register.ts'
import type { ShopEvent, UserCheckoutAccepted } from '#schemas/generated/events.ts'
import { orderingMigrations } from '../app.ts'
import type { Reply } from '../domain/inputs.ts'
import { orderHandlers } from '../handlers.ts'
import { moveOrderRoutes } from '../routes/move-order.ts'
import { readOrderRoutes } from '../routes/read-orders.ts'
import { checkout, reply } from './samples.ts'

/** Routes and handlers of ordering on a database of their own, with the real codec and outbox, without a broker. */
export async function orderingRig({ graceMs = 10_000 } = {}) {
  const database = await testDatabase({ migrations: [outboxMigrations, orderingMigrations], maxConnections: 20 })
  const registry = memoryRegistry()
  await registerAll({ registry })
  const codec = createCodec({ registry })
  await codec.prepare([...publishedEvents('ordering'), ...publishedEvents('grace-period')])
  const outbox = createOutbox('ordering', codec)
  const issuer = await testIssuer()
  const publisher = { publish: outbox.publish, transaction: database.transaction }
  const app = await createHttpApp({
    log: silentLog,
    auth: issuer.auth,
    registry: new Registry(),
    describe: { title: 'ordering', description: 'under test', version: '0' },
    drainMs: 0,
    limits: { eventLoopDelayMs: 0 }, // a busy test machine turns nobody away
    routes: [readOrderRoutes(database), moveOrderRoutes(publisher)],
  })
  const handlers = orderHandlers({ graceMs })

  /** Handles an event as the stream does: what is to be retried or dead-lettered leaves nothing behind. */
  async function deliver(event: UserCheckoutAccepted | Reply): Promise<Outcome> {
    const given = { outcome: undefined as Outcome | undefined }
    const work = database.transaction(async (tx) => {
      const context: HandlerContext<'ordering'> = {
        tx,
        log: silentLog,
        delivery: {
          topic: topicOf(event.type),
          partition: 0,
          offset: '0',
          key: event.orderId,
          eventId: event.eventId,
          correlationId: 'c0ffee00-0000-4000-8000-000000000000',
          traceparent: undefined,
          timestamp: 0,
          attempt: 1,
        },
        publish: (...drafts) => outbox.publish(tx, drafts, { causationId: event.eventId }),
        afterCommit: () => {},
      }
      const topic = handlers[topicOf(event.type) as keyof typeof handlers]
      const handle = topic[event.type as keyof typeof topic] as unknown as Handle
      given.outcome = await handle(event, context)
      if (given.outcome.outcome === 'retry' || given.outcome.outcome === 'dead-letter') throw new RolledBack()
    })
    await work.catch((error) => {
      if (!(error instanceof RolledBack)) throw error
    })
    return given.outcome as Outcome
  }

  /** What was put into the outbox, oldest first, as a consumer reads it. */
  async function published(orderId?: string): Promise<ShopEvent[]> {
    const rows = await database.query<{ payload: Buffer }>(
      'select payload from outbox where $1::text is null or key = $1 order by id',
      [orderId ?? null],
    )
    return Promise.all(rows.map(({ payload }) => codec.decode(payload)))
  }

  async function close() {
    await app.close()
    await database.close()
  }

  return {
    database,
    codec,
    close,
    [Symbol.asyncDispose]: close,
    deliver,
    published,
    types: async (orderId: string) => (await published(orderId)).map(({ type }) => type),

    /** An order that came as far as the given replies bring it. Answers its id. */
    async placed(replies: readonly Reply['type'][] = [], event = checkout()): Promise<string> {
      await deliver(event)
      for (const type of replies) await deliver(reply(type, event.orderId))
      return event.orderId
    },

    /** Calls a route. */
    async call(
      method: 'GET' | 'POST',
      url: string,
      { as = 'alice', role = 'customer', body, headers = {} }: CallOptions = {},
    ) {
      const payload = body === undefined ? {} : { payload: JSON.stringify(body) }
      const type = body === undefined ? {} : { 'content-type': 'application/json' }
      const caller = await issuer.bearer(role, as)
      const response = await app.inject({ method, url, ...payload, headers: { ...caller, ...type, ...headers } })
      const json = response.body === '' ? undefined : JSON.parse(response.body)
      return { status: response.statusCode, headers: response.headers, body: json, text: response.body }
    },
  }
}

type Handle = (event: ShopEvent, context: HandlerContext<'ordering'>) => Promise<Outcome>

export type OrderingRig = Awaited<ReturnType<typeof orderingRig>>

class RolledBack extends TypeError {}

export interface CallOptions {
  readonly as?: string
  readonly role?: Parameters<Awaited<ReturnType<typeof testIssuer>>['bearer']>[0]
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}
