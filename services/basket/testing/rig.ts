import { Registry } from 'prom-client'
import { expect, onTestFinished } from 'vitest'
import { createHttpApp } from '#pipelines/http/app.ts'
import { idempotencyMigrations } from '#pipelines/http/idempotency.ts'
import { newId } from '#pipelines/kernel/ids.ts'
import { silentLog } from '#pipelines/kernel/log.ts'
import { createOutbox, outboxMigrations } from '#pipelines/outbox/outbox.ts'
import type { Delivery, HandlerContext, Outcome } from '#pipelines/stream/types.ts'
import { testDatabase } from '#pipelines/testing/database.ts'
import { testIssuer } from '#pipelines/testing/tokens.ts'
import type { EventInput, OrderStarted, ProductPriceChanged, UserCheckoutAccepted } from '#schemas/generated/events.ts'
import type { Product } from '../basket.ts'
import { basketHandlers } from '../handlers.ts'
import { basketMigrations } from '../migrations.ts'
import { basketRoutes } from '../routes/basket.ts'
import { checkoutRoutes } from '../routes/checkouts.ts'
import { product, productId } from './baskets.ts'
import { testCatalog } from './catalog.ts'

export const CHECKOUT = {
  address: { street: '1 Market Street', city: 'Springfield', country: 'Germany', zipCode: '12345' },
  paymentToken: 'tok_visa',
}
const DAY_MS = 86_400_000

/** Routes and handlers of basket on a database of their own and a catalog of the test, without a broker. */
export async function basketRig({ limits = { maxLines: 5, maxQuantity: 1_000 }, resendAfterMs = 60_000 } = {}) {
  const database = await testDatabase({
    migrations: [outboxMigrations, idempotencyMigrations, ...basketMigrations],
    maxConnections: 20,
  })
  const catalog = testCatalog(...[1, 2, 3, 4, 5, 6].map((n) => product(n)))
  const outbox = createOutbox('basket', { encode: (event: EventInput) => Buffer.from(JSON.stringify(event)) })
  const publisher = { publish: outbox.publish, transaction: database.transaction }
  const issuer = await testIssuer()
  const app = await createHttpApp({
    log: silentLog,
    auth: issuer.auth,
    registry: new Registry(),
    describe: { title: 'basket', description: 'under test', version: '0' },
    drainMs: 0,
    limits: { eventLoopDelayMs: 60_000 }, // a busy machine is not what is tested
    routes: [
      basketRoutes({ database, catalog, limits, basketTtlMs: DAY_MS }),
      checkoutRoutes({ database, publisher, orderingUrl: 'http://ordering.test', resendAfterMs }),
    ],
  })
  onTestFinished(async () => {
    await app.close()
    await database.close()
  })

  /** Calls a route as a customer. */
  async function call(
    method: 'GET' | 'PUT' | 'POST' | 'DELETE',
    url: string,
    { as = 'alice', role = 'customer', body, headers = {} }: CallOptions = {},
  ) {
    const payload = body === undefined ? {} : { payload: typeof body === 'string' ? body : JSON.stringify(body) }
    const type = body === undefined ? {} : { 'content-type': 'application/json' }
    const caller = await issuer.bearer(role, as)
    const response = await app.inject({ method, url, ...payload, headers: { ...caller, ...type, ...headers } })
    const json = response.body === '' ? undefined : JSON.parse(response.body)
    return { status: response.statusCode, headers: response.headers, body: json, text: response.body }
  }

  const context = (eventId: string): HandlerContext<'basket'> =>
    ({
      delivery: { eventId } as Delivery,
      log: silentLog,
      afterCommit: () => {},
    }) as unknown as HandlerContext<'basket'>
  const handlers = basketHandlers()

  return {
    database,
    catalog,
    publisher,
    call,
    put: (n: number, quantity: number, options: CallOptions = {}) =>
      call('PUT', `/v1/basket/items/${productId(n)}`, { ...options, body: { quantity } }),
    show: (as?: string) => call('GET', '/v1/basket', as === undefined ? {} : { as }),
    checkout: (key: string, { body = CHECKOUT, headers = {}, ...options }: CallOptions = {}) =>
      call('POST', '/v1/basket/checkout', { ...options, body, headers: { 'idempotency-key': key, ...headers } }),
    /** Puts the n-th product in and checks out: what was put into the outbox. */
    async ordered(n: number, quantity: number, options: CallOptions = {}): Promise<UserCheckoutAccepted> {
      const put = await this.put(n, quantity, options)
      const answer = await this.checkout(newId(), options)
      expect([put.status, answer.status], `${put.text} ${answer.text}`).toEqual([200, 202])
      const events = await this.published()
      return events.find(({ orderId }) => orderId === answer.body.orderId) as UserCheckoutAccepted
    },
    /** What was put into the outbox, oldest first. */
    async published(): Promise<UserCheckoutAccepted[]> {
      const rows = await database.query<{ payload: Buffer }>('select payload from outbox order by id')
      return rows.map(({ payload }) => JSON.parse(payload.toString()))
    },
    started: (event: Pick<OrderStarted, 'orderId' | 'basketId' | 'basketVersion'>): Promise<Outcome> =>
      database.transaction((tx) =>
        handlers.orders.OrderStarted(
          {
            type: 'OrderStarted',
            eventId: newId(),
            occurredAt: 1,
            version: 1,
            customerId: 'alice',
            placedAt: 1,
            ...event,
          },
          { ...context(newId()), tx },
        ),
      ),
    priceChanged: (changed: Product): Promise<Outcome> =>
      database.transaction((tx) => {
        const { unitPriceMinor: newPriceMinor, ...fields } = changed
        const event: ProductPriceChanged = {
          type: 'ProductPriceChanged',
          eventId: newId(),
          occurredAt: 1,
          oldPriceMinor: null,
          newPriceMinor,
          ...fields,
        }
        return handlers['product-price-changes'].ProductPriceChanged(event, { ...context(event.eventId), tx })
      }),
  }
}

export interface CallOptions {
  readonly as?: string
  readonly role?: 'customer' | 'support' | 'warehouse' | 'admin'
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}
