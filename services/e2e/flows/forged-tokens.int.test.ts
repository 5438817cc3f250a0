import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { forgeries, type Keys, keysOf, token } from '../harness/forge.ts'
import { testShop } from '../harness/test-shop.ts'

/** The unit tests of the authenticator prove each rule; here every running service is shown to have that authenticator in front. */
const shop = testShop()
const { basket, catalog, ordering, payment, tasks, analytics } = shop.endpoints
const GUARDED = [
  `${basket}/v1/basket`,
  `${catalog}/v1/dead-letters`,
  `${ordering}/v1/orders`,
  `${payment}/v1/payments`,
  `${tasks}/v1/tasks`,
  `${analytics}/v1/analytics/orders/by-status`,
] as const

let keys: Keys
let elsewhere: Server
let asked: string[] = []
beforeAll(async () => {
  keys = await keysOf(inject('shop').home, shop.endpoints.identity)
  elsewhere = createServer((request, response) => {
    asked.push(request.url ?? '')
    response.end(JSON.stringify({ keys: [{ ...keys.mallorysPublic, kid: 'm', alg: 'ES256' }] }))
  })
  await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve))
})
afterAll(() => elsewhere?.close())

test.each(GUARDED)('%s takes no token that is forged, and asks nobody but the issuer for keys', async (url) => {
  const genuine = await shop.transport.send({ method: 'GET', url, token: await token(keys) })
  expect(genuine.status).toBe(200) // so it is the forgery that is refused below
  asked = []
  for (const [name, forged] of await forgeries(keys, `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}`)) {
    const { status, headers, body } = await shop.transport.send({ method: 'GET', url, token: forged })
    expect({ name, status }).toEqual({ name, status: 401 })
    expect(headers['www-authenticate'], name).toMatch(/^Bearer realm="eshop"/)
    expect(JSON.stringify(body), name).not.toContain(forged.split('.')[1])
  }
  expect(asked).toEqual([])
})

test.each(GUARDED)('%s takes a token from the Authorization header and from nowhere else', async (url) => {
  const good = await token(keys)
  for (const call of [
    { url: `${url}?access_token=${good}` },
    { url, headers: { cookie: `access_token=${good}` } },
    { url, headers: { authorization: `Basic ${good}` } },
    { url, headers: { authorization: `Bearer ${good}, Bearer ${good}` } },
  ])
    expect((await shop.transport.send({ method: 'GET', ...call })).status).toBe(401)
})
