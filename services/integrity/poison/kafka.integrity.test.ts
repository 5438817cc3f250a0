import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TopicName, topicNames, topics } from '#pipelines/flow/map.ts'
import { arbitraryEvent } from '#schemas/codec/arbitrary-event.ts'
import type { ShopEvent } from '#schemas/generated/events.ts'
import { type LocalShop, startLocalShop } from '#services/e2e/harness/local-shop.ts'
import { aProduct, order, orderIn } from '#services/e2e/harness/test-shop.ts'
import { openShop, type Shop } from '#services/e2e/rest/shop.ts'
import { openPoisoner, type Poisoner } from './on-kafka.ts'
import { ABOUT_UNKNOWN, GOOD, keyBeside, poisonsOf, spoiled, TOPICS } from './poisons.ts'

/** The same poisons as on the broker in memory, here on Kafka, against the shop's processes, and against analytics as well. */
let local: LocalShop
let shop: Shop
let known: string
let poisoner: Poisoner
beforeAll(async () => {
  local = await startLocalShop({ env: { GRACE_PERIOD_MS: '0', GRACE_INTERVAL_MS: '500' } })
  shop = openShop(local.endpoints)
  known = await order(shop, 'taster', { product: await aProduct(shop) })
  await orderIn(shop, known, 'Paid')
  poisoner = await openPoisoner(local, known)
}, 400_000)
afterAll(async () => {
  await shop?.[Symbol.asyncDispose]()
  await poisoner?.close()
  await local?.close()
}, 120_000)

test.each(TOPICS)(
  '%s: every poison is one dead letter with its bytes, within 5 s the partition goes on, and nobody waits for it',
  { timeout: 120_000 },
  async (topic) => {
    const poisons = poisonsOf(topic, known, poisoner.encode)
    const neighbour = (GOOD[topic] as (key: string) => ShopEvent)(ABOUT_UNKNOWN.has(topic) ? keyBeside(known) : known)
    const begun = performance.now()
    const first = await poisoner.write(topic, poisons, neighbour)
    await poisoner.expectHandled(topic, neighbour)
    await poisoner.expectPutAside(topic, first, poisons, begun)
    await poisoner.expectStored(topic, first, poisons)
  },
)

/** Read by the scheduler or by analytics alone: nothing that can be read is impossible there, or none of our business here. */
const OTHERS = topicNames.filter((topic) => !TOPICS.includes(topic))

test.each(OTHERS)('%s: what cannot be read is one dead letter with its bytes', { timeout: 120_000 }, async (topic) => {
  const seed = Math.floor(Math.random() * 1e9)
  const [type] = topics[topic].events
  const good = () => poisoner.encode(fc.sample(arbitraryEvent(type), { numRuns: 1, seed })[0] as ShopEvent)
  const poisons = spoiled(good, known).filter(({ fate }) => fate !== 'passes')
  expect(poisons.length, `seed ${seed}`).toBeGreaterThan(5)
  const begun = performance.now()
  const first = await poisoner.write(topic as TopicName, poisons)
  await poisoner.expectPutAside(topic, first, poisons, begun)
  await poisoner.expectStored(topic, first, poisons)
})

test('after all of it the shop sells as before', { timeout: 120_000 }, async () => {
  const orderId = await order(shop, 'taster-2', { product: await aProduct(shop) })
  await orderIn(shop, orderId, 'Paid')
})
