import { CodedError } from '#pipelines/kernel/errors.ts'
import { newId } from '#pipelines/kernel/ids.ts'
import { each } from '../../e2e/each.ts'
import type { Shop } from '../../e2e/rest/shop.ts'
import type { Product } from '../../e2e/rest/views.ts'

/** A customer whose basket is full and who only has to check out. */
export interface Buyer {
  readonly customer: string
  readonly token: string
  readonly key: string
}

const LINES = 3
const AT_ONCE = 16
const STAFF = 'bench-staff'

/** Sees to it that the catalogue has enough for so many orders. */
export async function stockUp(shop: Shop, orders: number): Promise<Product[]> {
  const { body } = await shop.products('limit=100')
  const [first] = body.items
  const products = body.items.filter(({ price }) => price.currency === first?.price.currency)
  await each(products, AT_ONCE, async ({ id }) => {
    const { status } = await shop.as(STAFF, 'catalog-admin', {
      method: 'POST',
      url: `${shop.endpoints.catalog}/v1/products/${id}/stock`,
      headers: { 'idempotency-key': newId() },
      body: { delta: orders * LINES, reason: 'RECEIVED' },
    })
    if (status !== 200) throw new CodedError('BENCH_STOCK', `no stock for ${id}: ${status}`)
  })
  return products
}

/** Makes customers and fills their baskets, three different products each, through REST. */
export async function fillBaskets(
  shop: Shop,
  products: readonly Product[],
  { prefix, count, onProgress }: { prefix: string; count: number; onProgress(filled: number): void },
): Promise<Buyer[]> {
  const buyers: Buyer[] = []
  await each(
    Array.from({ length: count }, (_, number) => number),
    AT_ONCE,
    async (number) => {
      const customer = `${prefix}${number}`
      for (let line = 0; line < LINES; line++) {
        const product = products[(number * LINES + line * 7) % products.length]
        const { status } = await shop.putItem(customer, String(product?.id), 1 + (number % 2))
        if (status !== 200) throw new CodedError('BENCH_BASKET', `no basket for ${customer}: ${status}`)
      }
      buyers.push({ customer, token: await shop.tokens(customer, 'customer'), key: newId() })
      onProgress(buyers.length)
    },
  )
  return buyers
}
