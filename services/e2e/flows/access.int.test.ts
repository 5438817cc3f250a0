import { expect, test } from 'vitest'
import { ROLES, type Role } from '#pipelines/http/types.ts'
import { callOf, readRoutes, SERVICES } from '../harness/routes.ts'
import { aCustomer, testShop } from '../harness/test-shop.ts'

const shop = testShop()

test.each(SERVICES)(
  'every route of %s is closed without a token, and to whoever has no role of it',
  async (service) => {
    const routes = await readRoutes(shop, service)
    expect(routes.length).toBeGreaterThan(2)
    for (const route of routes) {
      const name = `${route.method} ${route.path}`
      const without = await shop.transport.send(callOf(route, shop))
      if (route.public) {
        expect(without.status, name).not.toBe(401)
        continue
      }
      expect(without.status, name).toBe(401)
      const stranger = ROLES.find((role: Role) => !route.roles.includes(role))
      if (!stranger) continue
      const answer = await shop.as(aCustomer(), stranger, callOf(route, shop))
      expect(answer.status, `${name} as ${stranger}`).toBe(403)
    }
  },
)

test('what is public is what anybody may look at, and nothing else', async () => {
  const open: string[] = []
  for (const service of SERVICES)
    for (const route of await readRoutes(shop, service)) if (route.public) open.push(`${route.method} ${route.path}`)
  expect(open.sort()).toEqual([
    'GET /v1/brands',
    'GET /v1/categories',
    'GET /v1/products',
    'GET /v1/products/{id}',
    'GET /v1/products/{id}/prices',
    'POST /v1/analytics/local-token', // of the local stack only, and only for the page itself
  ])
})
