import { afterAll, beforeAll, expect, test } from 'vitest'
import { newId } from '#pipelines/kernel/ids.ts'
import { startTestService, type TestService } from '#pipelines/testing/service.ts'
import { createCatalog } from './app.ts'

let shop: TestService
beforeAll(async () => {
  shop = await startTestService(createCatalog)
})
afterAll(() => shop.close())

const admin = { as: 'catalog-admin', sub: 'ada' } as const

test.each([
  ['GET', '/v1/products/ID'],
  ['GET', '/v1/products/ID/prices'],
  ['GET', '/v1/products/ID/stock/movements'],
  ['DELETE', '/v1/products/ID'],
])('%s %s of an unknown product is 404, of no id 400', async (method, path) => {
  expect((await shop.call(method, path.replace('ID', newId()), admin)).body.code).toBe('PRODUCT_UNKNOWN')
  expect((await shop.call(method, path.replace('ID', '1'), admin)).status).toBe(400)
})

const EVERYBODY = ['customer', 'support', 'warehouse', 'catalog-admin', 'analyst', 'operator', 'admin'] as const

test.each([
  ['POST', '/v1/products', ['catalog-admin', 'admin']],
  ['PATCH', `/v1/products/${newId()}`, ['catalog-admin', 'admin']],
  ['PUT', `/v1/products/${newId()}/price`, ['catalog-admin', 'admin']],
  ['DELETE', `/v1/products/${newId()}`, ['catalog-admin', 'admin']],
  ['POST', `/v1/products/${newId()}/stock`, ['catalog-admin', 'warehouse', 'admin']],
  ['GET', `/v1/products/${newId()}/stock/movements`, ['catalog-admin', 'warehouse', 'support', 'admin']],
] as const)('%s %s is for its roles alone', async (method, path, allowed) => {
  const anonymous = await shop.call(method, path)
  expect(anonymous.status).toBe(401)
  expect(anonymous.headers.get('www-authenticate')).toContain('Bearer')
  for (const as of EVERYBODY) {
    const { status } = await shop.call(method, path, { as, ...(method !== 'GET' && { body: {} }) })
    if ((allowed as readonly string[]).includes(as)) expect([400, 404, 204]).toContain(status)
    else expect([as, status]).toEqual([as, 403])
  }
})
