import { expect, test } from 'vitest'
import { startTestService } from '#pipelines/testing/service.ts'
import { createCatalog } from '../app.ts'
import { seedProducts } from './products.ts'
import { seedCatalog } from './seed-catalog.ts'

test('seeding gives a full shelf, and seeding again changes nothing', async () => {
  expect(seedProducts.length).toBeGreaterThanOrEqual(40)
  const shop = await startTestService(createCatalog)
  try {
    const token = await shop.issuer.token({ roles: ['catalog-admin'] })
    const options = { catalogUrl: shop.url, token }
    expect(await seedCatalog(options)).toEqual({ created: seedProducts.length, present: 0 })
    const before = (await shop.call('GET', '/v1/products?limit=100')).body
    expect(before.items).toHaveLength(seedProducts.length)
    expect(await seedCatalog(options)).toEqual({ created: 0, present: seedProducts.length })
    expect((await shop.call('GET', '/v1/products?limit=100')).body).toEqual(before)
    expect((await shop.call('GET', '/v1/brands')).body.items.length).toBeGreaterThanOrEqual(5)
    expect((await shop.call('GET', '/v1/categories')).body.items.length).toBeGreaterThanOrEqual(5)
  } finally {
    await shop.close()
  }
})

test('a token without the role is told apart from a catalog that is away', async () => {
  const shop = await startTestService(createCatalog)
  const token = await shop.issuer.token({ roles: ['customer'] })
  await expect(seedCatalog({ catalogUrl: shop.url, token })).rejects.toMatchObject({ code: 'SEED_REFUSED' })
  await shop.close()
})
