import { expect, test } from 'vitest'
import { newId } from '#pipelines/kernel/ids.ts'
import { pause } from '#pipelines/kernel/lifecycle.ts'
import { aCheckout, aCustomer, aProduct, testShop } from '../harness/test-shop.ts'
import type { Problem } from '../rest/views.ts'

const shop = testShop()
const { basket, ordering } = shop.endpoints
const checkoutUrl = `${basket}/v1/basket/checkout`
const address = { street: '1 Market Street', city: 'Springfield', country: 'NL', zipCode: '12345' }

/** Sends a body as it stands, also one that is no JSON. */
async function raw(customer: string, body: string, headers: Record<string, string> = {}) {
  const token = await shop.tokens(customer, 'customer')
  const answer = await fetch(checkoutUrl, {
    method: 'POST',
    body,
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'idempotency-key': newId(),
      ...headers,
    },
  })
  return { status: answer.status, type: answer.headers.get('content-type'), body: (await answer.json()) as Problem }
}

const over = shortLived()

test.each([
  ['0', 0, 400],
  ['-1', -1, 400],
  ['a thousand million', 1e9, 400],
  ['half a unit', 0.5, 400],
  ['a text', '1', 400],
  ['nothing', null, 400],
])('a quantity of %s is refused and the basket stays as it was', async (_name, quantity, status) => {
  const customer = aCustomer()
  const product = await aProduct(shop)
  await shop.putItem(customer, product.id, 3)
  const answer = await shop.as<Problem>(customer, 'customer', {
    method: 'PUT',
    url: `${basket}/v1/basket/items/${product.id}`,
    body: { quantity },
  })
  expect(answer.status).toBe(status)
  expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/)
  expect((await shop.basket(customer)).body.items).toMatchObject([{ quantity: 3 }])
})

test('an unknown product is 404, an id that is none 400', async () => {
  const customer = aCustomer()
  expect(await shop.putItem(customer, newId(), 1)).toMatchObject({ status: 404, body: { code: 'PRODUCT_UNKNOWN' } })
  expect((await shop.putItem(customer, 'x', 1)).status).toBe(400)
})

const GOOD = JSON.stringify({ address, paymentToken: 'tok_visa' })

test.each([
  ['broken JSON', '{"address":', 400],
  ['null', 'null', 400],
  ['an array', '[]', 400],
  ['a missing address', JSON.stringify({ paymentToken: 'tok_visa' }), 400],
  ['an unknown property', JSON.stringify({ address, paymentToken: 'tok_visa', discount: 100 }), 400],
  ['a street that is a number', JSON.stringify({ address: { ...address, street: 1 }, paymentToken: 'tok_visa' }), 400],
  ['a prototype', GOOD.replace('{', '{"__proto__":{"admin":true},'), 400],
  ['a malformed payment token', JSON.stringify({ address, paymentToken: 'tok_visa; drop' }), 422],
  ['an empty payment token', JSON.stringify({ address, paymentToken: '' }), 422],
  ['a huge body', JSON.stringify({ address, paymentToken: 'x'.repeat(2_000_000) }), 413],
])('a checkout with %s is a clear problem and orders nothing', async (_name, body, status) => {
  const customer = aCustomer()
  await shop.putItem(customer, (await aProduct(shop)).id, 1)
  const answer = await raw(customer, body)
  expect(answer.status).toBe(status)
  expect(answer.type).toMatch(/^application\/problem\+json/)
  expect(answer.body.code).toMatch(/^[A-Z_]+$/)
  expect((await shop.basket(customer)).body.items).toHaveLength(1)
  expect((await shop.checkout(customer, aCheckout())).status).toBe(202)
})

test('a checkout without key, of an empty basket, or that is no JSON is refused', async () => {
  const customer = aCustomer()
  expect(await raw(customer, GOOD)).toMatchObject({ status: 422, body: { code: 'BASKET_EMPTY' } })
  expect(await raw(customer, GOOD, { 'idempotency-key': '' })).toMatchObject({ status: 400 })
  expect((await raw(customer, GOOD, { 'content-type': 'text/plain' })).status).toBe(415)
})

test('expired, forged and foreign tokens are 401 with a challenge', async () => {
  const good = await shop.tokens(aCustomer(), 'customer')
  const [header = '', payload = '', signature = ''] = good.split('.')
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>
  const altered = (change: object) => Buffer.from(JSON.stringify({ ...claims, ...change })).toString('base64url')
  const none = Buffer.from(JSON.stringify({ alg: 'none', typ: 'at+jwt' })).toString('base64url')
  const tokens = {
    'with another role': `${header}.${altered({ roles: ['admin'] })}.${signature}`,
    'with alg none': `${none}.${payload}.`,
    'cut off': good.slice(0, -5),
    'that is no token': 'abc',
    expired: await over,
  }
  for (const [name, token] of Object.entries(tokens)) {
    const answer = await shop.transport.send<Problem>({ method: 'GET', url: `${ordering}/v1/orders`, token })
    expect(answer.status, name).toBe(401)
    expect(answer.headers['www-authenticate'], name).toMatch(/^Bearer/)
    expect(JSON.stringify(answer.body), name).not.toContain(token)
  }
})

/** Verifiers allow for clocks that differ by so much. */
const LEEWAY_MS = 30_000

/** A token of the right issuer whose time is over. */
async function shortLived(): Promise<string> {
  const { body } = await shop.transport.send<{ access_token: string }>({
    method: 'POST',
    url: `${shop.endpoints.identity}/token`,
    body: { sub: aCustomer(), roles: ['customer'], ttlSeconds: 1 },
  })
  const { exp } = JSON.parse(Buffer.from(body.access_token.split('.')[1] ?? '', 'base64url').toString()) as {
    exp: number
  }
  await pause(exp * 1000 - Date.now() + LEEWAY_MS + 1_000)
  return body.access_token
}
