import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, inject, test } from 'vitest'
import { newId } from '#pipelines/kernel/ids.ts'
import { readRun } from '#pipelines/local/supervisor/run-file.ts'
import { callOf, type Route, readRoutes, SERVICES } from '../harness/routes.ts'
import { aCheckout, aCustomer, aProduct, orderIn, testShop } from '../harness/test-shop.ts'
import { tracesInClickHouse, tracesInKafka, tracesInLogs, tracesInPostgres } from '../harness/traces.ts'
import type { Problem } from '../rest/views.ts'

const shop = testShop()
const { home } = inject('shop')

/** Test numbers of card schemes, each written as people and programs write them. */
const CARDS = [
  '4111 1111 1111 1111',
  '4111-1111-1111-1111',
  '4111111111111111',
  '5555 5555 5555 4444',
  '378282246310005',
]
const TEXTS = CARDS.flatMap((card) => [card, `my card is ${card}, thanks`])

const routes = (await Promise.all(SERVICES.map((service) => readRoutes(shop, service)))).flat()
test('there are routes to try', () => {
  expect(routes.length).toBeGreaterThan(25)
  expect(routes.filter(({ takesBody }) => takesBody).length).toBeGreaterThan(5)
})

const admin = () => shop.tokens('canary-admin', 'admin')
const expectRefused = (answer: { status: number; body: unknown; headers: object }, what: string) => {
  expect(answer.status, what).toBe(400)
  expect((answer.body as Problem).code, what).toBe('CARD_DATA_NOT_ACCEPTED')
  const shown = JSON.stringify([answer.body, answer.headers])
  for (const card of CARDS) expect(shown, what).not.toContain(card)
}

async function raw({ method, ...route }: Route, body: string) {
  const answer = await fetch(callOf({ method, ...route }, shop).url, {
    method,
    body,
    headers: {
      authorization: `Bearer ${await admin()}`,
      'content-type': 'application/json',
      'idempotency-key': newId(),
    },
  })
  const text = await answer.text()
  return { status: answer.status, body: JSON.parse(text) as unknown, headers: Object.fromEntries(answer.headers) }
}

test('a card number in the body of any route is refused without echo, however it is written', async () => {
  for (const route of routes.filter(({ takesBody }) => takesBody)) {
    const name = `${route.service} ${route.method} ${route.path}`
    for (const text of TEXTS) {
      expectRefused(await raw(route, JSON.stringify({ note: text })), `${name}: ${text}`)
      expectRefused(await raw(route, JSON.stringify({ deep: [{ er: text }] })), `${name}: nested ${text}`)
      expectRefused(await raw(route, JSON.stringify({ [text]: 1 })), `${name}: as a name ${text}`)
    }
    expectRefused(await raw(route, '{"n":4111111111111111}'), `${name}: as a number`)
    expectRefused(await raw(route, '{"n":"\\u0034111 1111 1111 1111"}'), `${name}: escaped`)
  }
})

test('a card number in the address or a header of any route is refused without echo', async () => {
  const token = await admin()
  for (const route of routes) {
    const name = `${route.service} ${route.method} ${route.path}`
    const call = callOf(route, shop)
    const card = CARDS[routes.indexOf(route) % CARDS.length] ?? ''
    const send = (change: object) => shop.transport.send({ ...call, token, ...change })
    expectRefused(await send({ url: `${call.url}?q=${encodeURIComponent(card)}` }), `${name}: query`)
    expectRefused(await send({ url: `${call.url}?q=${card.replaceAll(' ', '+')}` }), `${name}: query with plus`)
    expectRefused(await send({ headers: { 'idempotency-key': card } }), `${name}: key`)
    expectRefused(await send({ headers: { 'x-correlation-id': card } }), `${name}: correlation id`)
  }
  for (const service of SERVICES) {
    const lost = `${shop.endpoints[service]}/v1/nothing/${encodeURIComponent('4111 1111 1111 1111')}`
    const answer = await shop.transport.send({ method: 'GET', url: lost, token })
    expectRefused(answer, `${service}: a path that leads nowhere`)
  }
})

test('broken JSON with a card number in it is refused without echo', async () => {
  for (const route of routes.filter(({ takesBody }) => takesBody)) {
    const answer = await raw(route, '{"paymentToken": "4111 1111 1111 1111"')
    expect(answer.status, route.path).toBe(400)
    expect(JSON.stringify(answer), route.path).not.toContain('4111')
  }
})

test('an expired or forged token is not echoed, and a payment token goes no further than payment', async () => {
  const customer = aCustomer()
  const product = await aProduct(shop, { stock: 5 })
  await shop.putItem(customer, product.id, 1)
  const { body } = await shop.checkout(customer, aCheckout({ paymentToken: CANARY_TOKEN }))
  await orderIn(shop, body.orderId, 'Cancelled') // unknown to the provider, so declined
  await shop.transport.send({ method: 'GET', url: `${shop.endpoints.ordering}/v1/orders`, token: FORGED })
})

const CANARY_TOKEN = 'tok_canary_sings_in_the_mine'
const FORGED = `eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJmb3JnZWQtY2FuYXJ5In0.${'c4n4ry'.repeat(12)}`

test('nothing of all that stands in any log, table, topic or in ClickHouse', async () => {
  const bearer = (await admin()).split('.')[2] ?? ''
  const cards = [...CARDS, '5555555555554444', '4111%201111%201111%201111', '4111+1111+1111+1111']
  const secrets = [bearer, FORGED.split('.')[2] ?? '']
  const parts = readRun(home)?.parts ?? []
  const addressOf = (name: string) => parts.find((part) => part.name === name)?.address ?? ''

  const logs = await tracesInLogs(join(home, 'logs'), [...cards, ...secrets, CANARY_TOKEN])
  const tables = await tracesInPostgres(addressOf('postgres'), [...cards, ...secrets])
  const topics = await tracesInKafka(addressOf('kafka'), [...cards, ...secrets])
  const analytics = await tracesInClickHouse(addressOf('clickhouse'), [...cards, ...secrets, CANARY_TOKEN])
  expect([...logs, ...tables.traces, ...topics.traces, ...analytics.traces]).toEqual([])

  // The search itself works: it finds what is known to be there.
  expect(tables.tables).toBeGreaterThan(20)
  expect(topics.topics).toBeGreaterThanOrEqual(15)
  expect(topics.records).toBeGreaterThan(40)
  expect(analytics.tables).toBeGreaterThanOrEqual(3)
  const known = 'Springfield'
  expect((await tracesInPostgres(addressOf('postgres'), [known])).traces.length).toBeGreaterThan(0)
  expect((await tracesInKafka(addressOf('kafka'), [known, CANARY_TOKEN])).traces.map(({ where }) => where)).toEqual(
    expect.arrayContaining(['topic order-checkouts']),
  )
  expect(readFileSync(join(home, 'logs', 'basket.log'), 'utf8')).toContain('"level"')
})

test('once the order has ended, the payment token stands in no table', async () => {
  const parts = readRun(home)?.parts ?? []
  const url = parts.find(({ name }) => name === 'postgres')?.address ?? ''
  const { traces } = await tracesInPostgres(url, [CANARY_TOKEN])
  // What was sent stays in the outbox until it is pruned, as bytes on their way.
  expect(traces.filter(({ where }) => !where.includes('outbox'))).toEqual([])
})
