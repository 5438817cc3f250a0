import { afterAll, beforeAll, expect, test } from 'vitest'
import { aProduct, buy, reached } from '../testing/customers.ts'
import { SERVICES, type ServiceName, type ShopInProcess, shopInProcess } from '../testing/shop.ts'

let shop: ShopInProcess
beforeAll(async () => {
  shop = await shopInProcess()
  const product = await aProduct(shop, 100)
  await aProduct(shop, 100)
  const orders = [await buy(shop, product), await buy(shop, product)]
  for (const { orderId } of orders) await reached(shop, orderId, 'Submitted')
  await shop.confirmGrace()
  for (const { orderId } of orders) await reached(shop, orderId, 'Paid')
})
afterAll(() => shop?.close())

interface List {
  readonly service: ServiceName
  readonly path: string
  readonly parameters: readonly { readonly name: string; readonly schema?: { readonly format?: string } }[]
}

async function listsOf(service: ServiceName): Promise<List[]> {
  const { paths } = (await (await fetch(`${shop.urls[service]}/openapi.json`)).json()) as {
    paths: Record<string, { get?: { parameters?: List['parameters'] } }>
  }
  return Object.entries(paths).flatMap(([path, { get }]) =>
    get?.parameters && !path.includes('{') ? [{ service, path, parameters: get.parameters }] : [],
  )
}

const ask = (service: ServiceName, path: string, query: Record<string, string>) =>
  shop.call(service, 'GET', `${path}?${new URLSearchParams(query)}`, { as: 'admin' })

const HOSTILE = ['', 'x', '-'.repeat(36), '\0', '9999-99-99', '1e400', 1e300, -1, 0.5, -9e15, 9e15, true, null, []]

/** The same with one leaf replaced, in every place by everything. */
function* variantsOf(position: unknown): Generator<unknown> {
  yield* HOSTILE
  if (typeof position !== 'object' || position === null) return
  for (const key of Object.keys(position))
    for (const value of HOSTILE) {
      const copy = structuredClone(position) as Record<string, unknown>
      copy[key] = value
      yield copy
    }
}

test('a cursor that was made up is refused or leads somewhere, and breaks nothing', async () => {
  let tried = 0
  for (const service of SERVICES)
    for (const { path, parameters } of await listsOf(service)) {
      if (!parameters.some(({ name }) => name === 'cursor')) continue
      const { body } = await ask(service, path, { limit: '1' })
      if (body.nextCursor === null) continue
      const position: unknown = JSON.parse(Buffer.from(body.nextCursor, 'base64url').toString())
      for (const variant of variantsOf(position)) {
        const cursor = Buffer.from(JSON.stringify(variant)).toString('base64url')
        const { status } = await ask(service, path, { cursor })
        expect({ path, variant, isAnswered: status === 200 || status === 400 }).toMatchObject({ isAnswered: true })
        tried += 1
      }
    }
  expect(tried).toBeGreaterThan(100)
})

test.each([
  '2016-12-31T23:59:60Z', // a leap second
  '2026-01-31T09:30:00+02', // an offset without minutes
  '0000-01-01T00:00:00Z',
  '0114-10-29T13:17:52-17:46', // an offset beyond what PostgreSQL takes
  '9999-12-31T23:59:59-17:00',
])('a time that RFC 3339 allows, such as %s, is taken by every list', async (time) => {
  let tried = 0
  for (const service of SERVICES)
    for (const { path, parameters } of await listsOf(service))
      for (const { name, schema } of parameters) {
        if (schema?.format !== 'date-time') continue
        const { status } = await ask(service, path, { [name]: time })
        expect({ path, name, status }).toEqual({ path, name, status: 200 })
        tried += 1
      }
  expect(tried).toBeGreaterThan(0)
})
