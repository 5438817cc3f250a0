import { Unavailable } from '#pipelines/kernel/errors.ts'
import type { Product } from '../basket.ts'
import type { Catalog } from '../catalog/catalog.ts'

/** A catalog for tests: has the products given, can change prices, discontinue and be away. */
export function testCatalog(...given: readonly Product[]) {
  const products = new Map(given.map((product) => [product.productId, product]))
  const discontinued = new Set<string>()
  let away = false
  const catalog: Catalog = {
    async product(productId) {
      if (away) throw new Unavailable('CATALOG_AWAY', 'the catalog is away')
      const product = products.get(productId)
      if (!product) return { outcome: 'unknown' }
      return { outcome: discontinued.has(productId) ? 'discontinued' : 'found', product }
    },
  }
  return {
    ...catalog,
    add: (product: Product) => void products.set(product.productId, product),
    /** A new price, as the catalog counts them. Returns the product, for the event. */
    reprice(productId: string, unitPriceMinor: number): Product {
      const old = products.get(productId) as Product
      const product = { ...old, unitPriceMinor, priceVersion: old.priceVersion + 1 }
      products.set(productId, product)
      return product
    },
    discontinue: (productId: string) => void discontinued.add(productId),
    goAway: () => {
      away = true
    },
  }
}
