import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { productId } from '../testing/baskets.ts'
import { restCatalog } from './rest.ts'

const id = productId(1)
const PRODUCT = {
  id,
  sku: 'SKU-1',
  name: 'Hammer',
  description: null,
  brand: 'Acme',
  category: 'tools',
  price: { amount: '12.99', currency: 'EUR' },
  priceVersion: 3,
  available: 5,
  discontinued: false,
}

/** A catalog that answers as the test says, and the client of it. */
async function catalogThat(answers: RequestListener, timeoutMs = 500) {
  const server = createServer(answers)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return restCatalog({ url: `http://127.0.0.1:${port}`, timeoutMs })
}
const json =
  (status: number, body: unknown): RequestListener =>
  (_request, response) =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))

describe('the catalog, asked over REST', () => {
  it('says what a product is and costs, in minor units', async () => {
    const asked: (string | undefined)[] = []
    const catalog = await catalogThat((request, response) => {
      asked.push(request.url)
      json(200, PRODUCT)(request, response)
    })
    const { sku, name, brand, category, priceVersion } = PRODUCT
    expect(await catalog.product(id)).toEqual({
      outcome: 'found',
      product: { productId: id, sku, name, brand, category, priceVersion, unitPriceMinor: 1_299, currency: 'EUR' },
    })
    expect(asked).toEqual([`/v1/products/${id}`])
  })

  it('says that a product is unknown or no longer sold', async () => {
    expect(await (await catalogThat(json(404, {}))).product(id)).toEqual({ outcome: 'unknown' })
    const discontinued = await catalogThat(json(200, { ...PRODUCT, discontinued: true }))
    expect(await discontinued.product(id)).toMatchObject({ outcome: 'discontinued' })
  })

  it.each<[string, RequestListener]>([
    ['fails', json(500, {})],
    ['is too busy', json(503, {})],
    ['refuses us', json(401, {})],
    ['says nothing', () => {}],
    ['breaks off', (_request, response) => void response.socket?.destroy()],
    [
      'sends us elsewhere',
      (_request, response) => void response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
    ],
    ['sends no JSON', (_request, response) => void response.end('<html>')],
    ['sends another product', json(200, { ...PRODUCT, id: productId(2) })],
    ['sends no price', json(200, { ...PRODUCT, price: undefined })],
    ['sends a price that is a number', json(200, { ...PRODUCT, price: { amount: 12.99, currency: 'EUR' } })],
    ['sends a negative price', json(200, { ...PRODUCT, price: { amount: '-1.00', currency: 'EUR' } })],
    ['sends too many decimals', json(200, { ...PRODUCT, price: { amount: '1.999', currency: 'EUR' } })],
    ['sends no price version', json(200, { ...PRODUCT, priceVersion: 0 })],
    [
      'sends without end',
      (_request, response) => void response.end(JSON.stringify({ ...PRODUCT, name: 'x'.repeat(70_000) })),
    ],
  ])('counts as away when it %s', async (_name, answers) => {
    const catalog = await catalogThat(answers, 300)
    await expect(catalog.product(id)).rejects.toMatchObject({ code: 'CATALOG_AWAY', retriable: true })
  })

  it('counts as away when nobody listens', async () => {
    const catalog = restCatalog({ url: 'http://127.0.0.1:1', timeoutMs: 300 })
    await expect(catalog.product(id)).rejects.toMatchObject({ code: 'CATALOG_AWAY' })
  })
})
