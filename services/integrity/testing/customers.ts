import { CodedError } from '#pipelines/kernel/errors.ts'
import { newId } from '#pipelines/kernel/ids.ts'
import { eventually } from '#pipelines/testing/eventually.ts'
import type { ShopInProcess } from './shop.ts'

/** A product with so many units. */
export async function aProduct(shop: ShopInProcess, stock: number): Promise<string> {
  const price = { amount: '12.50', currency: 'EUR' }
  const body = { sku: `S-${newId()}`, name: 'n', brand: 'b', category: 'c', price, stock }
  const answer = await shop.call('catalog', 'POST', '/v1/products', { as: 'catalog-admin', sub: 'carl', body })
  if (answer.status !== 201) throw new CodedError('NO_PRODUCT', `${answer.status} ${JSON.stringify(answer.body)}`)
  return answer.body.id
}

export interface Purchase {
  readonly customer?: string
  readonly token?: string
  readonly quantity?: number
}

const ADDRESS = { street: '1 Market Street', city: 'Springfield', country: 'NL', zipCode: '12345' }

/** Somebody new buys. Returns the order's id and whose it is. */
export async function buy(
  shop: ShopInProcess,
  productId: string,
  { customer = newId(), token = 'tok_visa', quantity = 1 }: Purchase = {},
) {
  const put = await shop.call('basket', 'PUT', `/v1/basket/items/${productId}`, { sub: customer, body: { quantity } })
  if (put.status !== 200) throw new CodedError('NOT_PUT', `${put.status} ${JSON.stringify(put.body)}`)
  const answer = await shop.call('basket', 'POST', '/v1/basket/checkout', {
    sub: customer,
    headers: { 'idempotency-key': newId() },
    body: { address: ADDRESS, paymentToken: token },
  })
  if (answer.status !== 202) throw new CodedError('NOT_ACCEPTED', `${answer.status} ${JSON.stringify(answer.body)}`)
  return { orderId: answer.body.orderId as string, customer }
}

export async function statusOf(shop: ShopInProcess, orderId: string): Promise<string | undefined> {
  const { body } = await shop.call('ordering', 'GET', `/v1/orders/${orderId}`, { as: 'support', sub: 'sue' })
  return body?.status
}

export async function reached(shop: ShopInProcess, orderId: string, status: string, withinMs = 30_000): Promise<void> {
  await eventually(async () => (await statusOf(shop, orderId)) === status, { withinMs, what: `${orderId} ${status}` })
}
