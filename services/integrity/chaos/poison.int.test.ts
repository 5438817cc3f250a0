import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import type { ShopEvent } from '#schemas/generated/events.ts'
import { eshop } from '#services/e2e/harness/eshop.ts'
import { aCustomer, aProduct, order, orderIn, testShop } from '#services/e2e/harness/test-shop.ts'
import { openPoisoner, type Poisoner } from '../poison/on-kafka.ts'
import { GOOD, spoiled } from '../poison/poisons.ts'

/** A slice of what poison/ does to every topic. */
const TOPIC = 'order-stock-statuses'
const shop = testShop()
let orderId: string
let poisoner: Poisoner
beforeAll(async () => {
  orderId = await order(shop, aCustomer(), { product: await aProduct(shop) })
  await orderIn(shop, orderId, 'Paid')
  poisoner = await openPoisoner(inject('shop'), orderId)
})
afterAll(() => poisoner?.close())

test('unreadable records on Kafka: one dead letter each, the partition goes on, analytics has them, an operator gives them up', async () => {
  const good = GOOD[TOPIC] as (key: string) => ShopEvent
  // Only what nobody can decode, as the shop is judged by others: what can be read and is wrong is a finding of the oracle's.
  const poisons = spoiled(() => poisoner.encode(good(orderId)), orderId).filter(
    ({ name }) => !name.startsWith('an event'),
  )
  expect(poisons.length).toBeGreaterThan(5)
  const begun = performance.now()
  const first = await poisoner.write(TOPIC, poisons)
  await poisoner.expectPutAside(TOPIC, first, poisons, begun)
  await poisoner.expectStored(TOPIC, first, poisons)
  const discard = eshop('dlq', 'discard', '--all', '--service', 'ordering', '--topic', TOPIC, '--reason', 'a test')
  expect((await discard.exited).code, discard.output()).toBe(0)
})
