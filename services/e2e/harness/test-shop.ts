import { afterAll, inject } from 'vitest'
import { CodedError } from '#pipelines/kernel/errors.ts'
import { newId } from '#pipelines/kernel/ids.ts'
import { eventually } from '#pipelines/testing/eventually.ts'
import { randomName } from '#pipelines/testing/names.ts'
import { type Checkout, openShop, type Shop } from '../rest/shop.ts'
import type { OrderView, Product } from '../rest/views.ts'

/** The run's shop as a test file meets it; closed with the file. */
export function testShop(): Shop {
  const shop = openShop(inject('shop').endpoints)
  afterAll(() => shop[Symbol.asyncDispose]())
  return shop
}

/** A customer that nobody else is. */
export function aCustomer(): string {
  return randomName('e2e')
}

/** A product that nobody else buys. */
export async function aProduct(shop: Shop, { stock = 10, amount = '12.50' } = {}): Promise<Product> {
  const sku = randomName('sku')
  const { status, body } = await shop.as<Product>('e2e-staff', 'catalog-admin', {
    method: 'POST',
    url: `${shop.endpoints.catalog}/v1/products`,
    body: { sku, name: `Product ${sku}`, brand: 'E2E', category: 'tests', price: { amount, currency: 'EUR' }, stock },
  })
  if (status !== 201) throw new CodedError('NO_PRODUCT', `no product: ${status} ${JSON.stringify(body)}`)
  return body
}

export function aCheckout(over: Partial<Checkout> = {}): Checkout {
  return { key: newId(), paymentToken: 'tok_visa', country: 'NL', channel: 'API', ...over }
}

/** Orders so many units of a product and gives the order's id. */
export async function order(
  shop: Shop,
  customer: string,
  { product, quantity = 2, ...checkout }: { product: Product; quantity?: number } & Partial<Checkout>,
): Promise<string> {
  const put = await shop.putItem(customer, product.id, quantity)
  if (put.status !== 200)
    throw new CodedError('NOT_IN_BASKET', `not in the basket: ${put.status} ${JSON.stringify(put.body)}`)
  const { status, body } = await shop.checkout(customer, aCheckout(checkout))
  if (status !== 202) throw new CodedError('NO_CHECKOUT', `no checkout: ${status} ${JSON.stringify(body)}`)
  return body.orderId
}

/** Waits until the order has the status. */
export function orderIn(shop: Shop, orderId: string, wanted: string, withinMs = 90_000): Promise<OrderView> {
  return eventually(
    async () => {
      const { status, body } = await shop.order(orderId)
      return status === 200 && body.status === wanted ? body : undefined
    },
    { withinMs, everyMs: 200, what: `order ${orderId} in ${wanted}` },
  )
}
