import { afterAll, beforeAll, expect, test } from 'vitest'
import { PARTITIONS, type Part, type TopicName, topics } from '#pipelines/flow/map.ts'
import { memoryBinder } from '#pipelines/stream/binders/memory/binder.ts'
import { partitionOf } from '#pipelines/stream/partitioner.ts'
import { eventually } from '#pipelines/testing/eventually.ts'
import type { EventInput, ShopEvent } from '#schemas/generated/events.ts'
import { aProduct, buy, reached } from '../testing/customers.ts'
import { SERVICES, type ServiceName, type ShopInProcess, shopInProcess } from '../testing/shop.ts'
import { expectFate, type Letter, WITHIN_MS } from './fates.ts'
import { ABOUT_UNKNOWN, GOOD, keyBeside, poisonsOf, TOPICS } from './poisons.ts'

let shop: ShopInProcess
let known: string
beforeAll(async () => {
  shop = await shopInProcess()
  const product = await aProduct(shop, 100)
  known = (await buy(shop, product)).orderId
  await reached(shop, known, 'Submitted')
  await shop.confirmGrace()
  await reached(shop, known, 'Paid')
  await shop.settled()
})
afterAll(() => shop?.close())

const encode = (event: ShopEvent) => shop.codec.encode(event as EventInput)
const readersOf = (topic: TopicName) =>
  (topics[topic].consumers as readonly Part[]).filter((part): part is ServiceName =>
    (SERVICES as readonly string[]).includes(part),
  )

const lettersOf = (service: ServiceName, topic: TopicName, keys: readonly string[]) =>
  shop.databases[service].query<Letter & Record<string, unknown>>(
    'select key, code, reason, payload, attempts from dead_letters where consumer = $1 and topic = $2 and key = any($3)',
    [service, topic, keys],
  )

async function handledBy(service: ServiceName, event: ShopEvent): Promise<boolean> {
  const rows = await shop.databases[service].query(
    "select 1 from inbox where consumer = $1 and event_id = $2 and state = 'DONE'",
    [service, event.eventId],
  )
  return rows.length === 1
}

async function positionOf(service: ServiceName, topic: TopicName): Promise<{ committed: number; end: number }> {
  const lags = await memoryBinder(shop.broker).lag(service, [topic])
  const { committed, end } = lags[partitionOf(known, PARTITIONS)] ?? {}
  return { committed: Number(committed ?? 0), end: Number(end) }
}

test.each(TOPICS)(
  '%s: every poison is one dead letter with its bytes, the partition goes on, and nobody waits for it',
  async (topic) => {
    const poisons = poisonsOf(topic, known, encode)
    const readers = readersOf(topic)
    expect(readers.length).toBeGreaterThan(0)
    const begun = performance.now()
    for (const { key, value } of poisons) shop.produceRaw(topic, key, value)
    const neighbour = (GOOD[topic] as (key: string) => ShopEvent)(ABOUT_UNKNOWN.has(topic) ? keyBeside(known) : known)
    shop.produceRaw(topic, known, encode(neighbour)) // in the same partition, behind all of them

    for (const service of readers)
      await eventually(() => handledBy(service, neighbour), {
        withinMs: WITHIN_MS,
        what: `${service} handles the neighbour`,
      })
    // Poisons that are tried again take seconds; who stands behind them in the partition does not wait for that.
    const isRetried = poisons.some(({ fate }) => fate === 'RETRY_ASKED')
    if (isRetried)
      for (const service of readers)
        expect((await positionOf(service, topic)).committed).toBeLessThan((await positionOf(service, topic)).end)

    for (const service of readers) {
      await eventually(
        async () => {
          const { committed, end } = await positionOf(service, topic)
          return committed === end
        },
        { withinMs: WITHIN_MS, what: `${service} gets past the poison on ${topic}` },
      )
      const tookMs = performance.now() - begun
      expect({ topic, service, isLate: tookMs > WITHIN_MS }).toEqual({ topic, service, isLate: false })
      const letters = await lettersOf(
        service,
        topic,
        poisons.map(({ key }) => key),
      )
      for (const poison of poisons)
        expectFate(
          `${poison.name} on ${topic} for ${service}`,
          poison,
          letters.filter(({ key }) => key === poison.key),
        )
    }
  },
)

test('after all of it the shop sells as before', async () => {
  const product = await aProduct(shop, 3)
  const { orderId } = await buy(shop, product, { quantity: 2 })
  await reached(shop, orderId, 'Submitted')
  await shop.confirmGrace()
  await reached(shop, orderId, 'Paid')
  const stock = async () => (await shop.call('catalog', 'GET', `/v1/products/${product}`)).body
  await expect.poll(stock, { timeout: 10_000 }).toMatchObject({ available: 1, reserved: 0, sold: 2 })
})
