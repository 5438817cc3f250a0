import type { Draft } from '#pipelines/outbox/types.ts'
import type { Product } from '../product.ts'

/** The first price of a new product, or the one that replaces `oldPriceMinor`. */
export function priceChanged(product: Product, oldPriceMinor: number | null) {
  const { id, sku, name, brand, category, priceVersion, priceMinor, currency } = product
  return {
    type: 'ProductPriceChanged',
    productId: id,
    sku,
    name,
    brand,
    category,
    priceVersion,
    oldPriceMinor,
    newPriceMinor: priceMinor,
    currency,
  } satisfies Draft<'ProductPriceChanged'>
}
