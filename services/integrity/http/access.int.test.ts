import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ROLES, type Role } from '#pipelines/http/types.ts'
import { newId } from '#pipelines/kernel/ids.ts'
import { aProduct, buy, reached } from '../testing/customers.ts'
import { SERVICES, type ServiceName, type ShopInProcess, shopInProcess } from '../testing/shop.ts'

let shop: ShopInProcess
let product: string
let owned: { orderId: string; customer: string }
beforeAll(async () => {
  shop = await shopInProcess()
  product = await aProduct(shop, 1_000)
  owned = await buy(shop, product)
  await reached(shop, owned.orderId, 'Submitted')
  await shop.confirmGrace()
  await reached(shop, owned.orderId, 'Paid')
})
afterAll(() => shop?.close())

interface Route {
  readonly method: string
  readonly path: string
  readonly isPublic: boolean
  readonly roles: readonly string[]
  readonly takesBody: boolean
}

async function routesOf(service: ServiceName): Promise<Route[]> {
  const { paths } = (await (await fetch(`${shop.urls[service]}/openapi.json`)).json()) as {
    paths: Record<string, Record<string, { description?: string; security?: object[]; requestBody?: object }>>
  }
  return Object.entries(paths)
    .filter(([path]) => path.startsWith('/v1/'))
    .flatMap(([path, operations]) =>
      Object.entries(operations).map(([method, { description = '', security = [], requestBody }]) => ({
        method: method.toUpperCase(),
        path,
        isPublic: security.length === 0,
        roles: /Roles: ([\w-]+(?:, [\w-]+)*)/.exec(description)?.[1]?.split(', ') ?? [],
        takesBody: requestBody !== undefined,
      })),
    )
}

describe.each(SERVICES)('every route of %s, for every role', (service) => {
  test('lets in whom it names, and nobody else; without a token nobody', async () => {
    const routes = await routesOf(service)
    expect(routes.length).toBeGreaterThan(3)
    for (const { method, path, isPublic, roles, takesBody } of routes) {
      const url = path.replace(/\{[^}]+\}/g, () => newId())
      const body = takesBody ? { body: { nothing: 'of this' } } : {}
      const bare = await fetch(`${shop.urls[service]}${url}`, {
        method,
        ...(takesBody && { body: '{}', headers: { 'content-type': 'application/json' } }),
      })
      await bare.arrayBuffer()
      const name = `${method} ${path}`
      expect({ name, isClosed: bare.status === 401 }).toEqual({ name, isClosed: !isPublic })
      if (isPublic) continue
      for (const role of ROLES) {
        const { status } = await shop.call(service, method, url, { as: role as Role, sub: newId(), ...body })
        expect({ name, role, isRefused: status === 403, isBroken: status >= 500 }).toEqual({
          name,
          role,
          isRefused: !roles.includes(role),
          isBroken: false,
        })
      }
    }
  })
})

describe("somebody else's order", () => {
  const paths: readonly (readonly [ServiceName, string, string])[] = [
    ['ordering', 'GET', '/v1/orders/ID'],
    ['ordering', 'POST', '/v1/orders/ID/cancel'],
    ['payment', 'GET', '/v1/payments/ID'],
    ['basket', 'GET', '/v1/basket/checkouts/ID'],
  ]
  test.each(paths)('%s %s %s is not there, exactly as one that does not exist', async (service, method, path) => {
    const ask = (id: string, sub: string) => shop.call(service, method, path.replace('ID', id), { sub })
    const [theirs, none] = [await ask(owned.orderId, 'mallory'), await ask(newId(), 'mallory')]
    expect([theirs.status, none.status]).toEqual([404, 404])
    const without = (body: Record<string, unknown>) => ({ ...body, instance: '' })
    expect(without(theirs.body)).toEqual(without(none.body))
    expect((await ask(owned.orderId, owned.customer)).status).not.toBe(404)
  })

  test('is in no list of mine, nor does a filter bring it there', async () => {
    const { body } = await shop.call('ordering', 'GET', '/v1/orders?limit=100', { sub: 'mallory' })
    expect(body.items).toEqual([])
    expect(
      (await shop.call('ordering', 'GET', `/v1/orders?customerId=${owned.customer}`, { sub: 'mallory' })).status,
    ).toBe(400)
    expect(
      (await shop.call('payment', 'GET', `/v1/payments?customerId=${owned.customer}`, { sub: 'mallory' })).status,
    ).toBe(403)
  })

  test('what is not mine to set is refused: price, status, customer, role', async () => {
    const put = (body: object) => shop.call('basket', 'PUT', `/v1/basket/items/${product}`, { sub: 'mallory', body })
    for (const more of [
      { unitPrice: { amount: '0.01', currency: 'EUR' } },
      { customerId: 'bob' },
      { roles: ['admin'] },
      { __proto__x: 1 },
    ])
      expect((await put({ quantity: 1, ...more })).status).toBe(400)
    expect((await put({ quantity: 1 })).status).toBe(200)
  })
})

describe('what is on the wire', () => {
  /** Writes bytes as they are, and answers all that comes back until the connection ends. */
  function raw(service: ServiceName, bytes: string): Promise<string> {
    const { hostname, port } = new URL(shop.urls[service])
    return new Promise((resolve) => {
      let got = ''
      const socket = connect(Number(port), hostname, () => socket.write(bytes))
      socket.setTimeout(3_000, () => socket.destroy())
      socket.on('data', (data) => {
        got += data
      })
      socket.on('error', () => {})
      socket.on('close', () => resolve(got))
    })
  }
  const statuses = (text: string) => [...text.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map((match) => Number(match[1]))
  const smuggled = 'GET /v1/brands HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n'

  test.each([
    [
      'a length and chunks',
      `POST /v1/basket/checkout HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 6\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`,
    ],
    [
      'two lengths',
      `POST /v1/basket/checkout HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 0\r\ncontent-length: ${smuggled.length}\r\n\r\n${smuggled}`,
    ],
    [
      'a disguised encoding',
      `POST /v1/basket/checkout HTTP/1.1\r\nhost: x\r\ntransfer-encoding: xchunked\r\ncontent-length: 4\r\n\r\n${smuggled}`,
    ],
    [
      'an encoding with a space before the colon',
      `POST /v1/basket/checkout HTTP/1.1\r\nhost: x\r\ntransfer-encoding : chunked\r\n\r\n0\r\n\r\n${smuggled}`,
    ],
    ['a header folded over two lines', `GET /v1/brands HTTP/1.1\r\nhost: x\r\nx-a: b\r\n c: d\r\n\r\n${smuggled}`],
    ['a bare line feed', `GET /v1/brands HTTP/1.1\nhost: x\ncontent-length: 3\n\nabc${smuggled}`],
  ])('%s is refused, and what hides behind it is never answered', async (_name, bytes) => {
    const answers = statuses(await raw('catalog', bytes))
    expect(answers.filter((status) => status >= 500)).toEqual([])
    // One refusal and the end of the connection: a second answer would be that of the hidden request.
    expect(answers.length).toBeLessThanOrEqual(1)
    for (const status of answers) expect(status).toBeGreaterThanOrEqual(400)
  })

  test('a body that never comes does not hold anybody else', async () => {
    const { hostname, port } = new URL(shop.urls.catalog)
    const slow = Array.from({ length: 50 }, () => connect(Number(port), hostname, function (this: unknown) {}))
    for (const socket of slow)
      socket.on('error', () => {}).write('POST /v1/products HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n')
    const begun = performance.now()
    expect((await shop.call('catalog', 'GET', '/v1/brands')).status).toBe(200)
    expect(performance.now() - begun).toBeLessThan(3_000)
    for (const socket of slow) socket.destroy()
  })
})
