import { expect, inject } from 'vitest'
import type { TopicName } from '#pipelines/flow/map.ts'
import { eventually } from '#pipelines/testing/eventually.ts'
import { openWay, type Way } from '#pipelines/testing/way.ts'
import { type Crowd, crowd, outrages } from '../testing/crowd.ts'
import { aProduct } from '../testing/customers.ts'
import { SERVICES, type ServiceName, type ShopInProcess, type ShopOptions, shopInProcess } from '../testing/shop.ts'
import { metricOf } from './metric.ts'

/** A shop whose ways to its databases can be broken, with a product that everybody wants, and whose grace periods are confirmed all the time. */
export interface BreakableShop extends AsyncDisposable {
  readonly shop: ShopInProcess
  readonly product: string
  way(service: ServiceName): Way
  /** Customers buy while it happens, and a while after. */
  during(happening: (buyers: Crowd) => Promise<void>): Promise<Crowd>
  /** Nobody was told an error of ours; every accepted order is paid; nothing is dead; stock and money add up. */
  expectNothingLost(buyers: Crowd): Promise<void>
  metricOf(service: ServiceName, name: string, labels?: Readonly<Record<string, string>>): Promise<number>
}

const STOCK = 100_000

export async function breakableShop(options: ShopOptions = {}): Promise<BreakableShop> {
  const { hostname: host, port } = new URL(inject('postgresUrl'))
  const ways = new Map<ServiceName, Way>()
  for (const name of SERVICES) ways.set(name, await openWay({ host, port: Number(port) }))
  const way = (service: ServiceName) => ways.get(service) as Way
  const shop = await shopInProcess({
    ...options,
    way(name, databaseUrl) {
      const url = new URL(databaseUrl)
      url.port = String(way(name).port)
      return url.href
    },
  })
  const product = await aProduct(shop, STOCK)
  const grace = setInterval(() => void shop.confirmGrace().catch(() => {}), 200)

  return {
    shop,
    product,
    way,

    async during(happening) {
      const buyers = crowd(shop, product)
      await eventually(() => buyers.accepted.length >= 3)
      await happening(buyers)
      const so = buyers.accepted.length
      await eventually(() => buyers.accepted.length >= so + 3, {
        withinMs: 30_000,
        what: 'customers are accepted again',
      })
      await buyers.leave()
      return buyers
    },

    expectNothingLost: (buyers) => expectNothingLost(shop, product, buyers),

    metricOf: (service, name, labels) => metricOf(shop.urls[service], name, labels),

    async [Symbol.asyncDispose]() {
      clearInterval(grace)
      for (const name of SERVICES) await way(name).mend()
      await shop.close()
      for (const name of SERVICES) await way(name).close()
    },
  }
}

/** Nobody was told an error of ours; every accepted order is paid; nothing is dead; every topic tells of each order in its order. */
async function expectNothingLost(shop: ShopInProcess, product: string, { told, accepted }: Crowd): Promise<void> {
  expect(outrages(told)).toEqual([])
  expect(accepted.length).toBeGreaterThan(5)
  await eventually(
    async () => {
      const rows = await shop.databases.ordering.query<{ status: string; n: number }>(
        'select status, count(*)::int as n from orders where order_id = any($1) group by status',
        [accepted],
      )
      return rows.length === 1 && rows[0]?.status === 'Paid' && rows[0].n === accepted.length
    },
    { withinMs: 60_000, everyMs: 200, what: `all ${accepted.length} accepted orders are Paid` },
  )
  await shop.settled()
  for (const name of SERVICES)
    expect({ name, dead: await shop.databases[name].query('select topic, code, reason from dead_letters') }).toEqual({
      name,
      dead: [],
    })
  const [orders] = await shop.databases.ordering.query<{ n: number }>('select count(*)::int as n from orders')
  const [checkouts] = await shop.databases.basket.query<{ n: number }>('select count(*)::int as n from checkouts')
  expect(orders).toEqual(checkouts)
  const [charges] = await shop.databases.payment.query<{ n: number; keys: number }>(
    'select count(*)::int as n, count(distinct key)::int as keys from provider.charges where captured_at is not null',
  )
  expect(charges).toEqual({ n: orders?.n, keys: orders?.n })
  const { body } = await shop.call('catalog', 'GET', `/v1/products/${product}`)
  expect(body).toMatchObject({ reserved: 0, sold: orders?.n, available: STOCK - (orders?.n ?? 0) })
  await expectOrderPerKey(shop, 'product-stock-changes', 'productId', 'stockVersion')
}

/** What is told of a key comes in the order in which it happened. */
async function expectOrderPerKey(shop: ShopInProcess, topic: TopicName, key: string, version: string): Promise<void> {
  const last = new Map<unknown, number>()
  for (const { value } of shop.broker.recordsOf(topic)) {
    const event = (await shop.codec.decode(value as Buffer)) as unknown as Record<string, number>
    expect(event[version], topic).toBe((last.get(event[key]) ?? 0) + 1)
    last.set(event[key], event[version] as number)
  }
  expect(last.size).toBeGreaterThan(0)
}
