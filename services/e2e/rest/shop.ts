import type { MoneyText } from '#pipelines/kernel/money.ts'
import type { Endpoints } from './endpoints.ts'
import { localTokens, type Tokens } from './tokens.ts'
import { type Answer, createTransport, type Transport } from './transport.ts'

export interface Product {
  readonly id: string
  readonly sku: string
  readonly name: string
  readonly price: MoneyText
  readonly priceVersion: number
  readonly available: number
  readonly reserved: number
  readonly sold: number
}

export interface Page<T> {
  readonly items: readonly T[]
  readonly nextCursor: string | null
}

export const FINAL = ['Paid', 'Shipped', 'Cancelled'] as const

export interface OrderView {
  readonly id: string
  readonly status: string
  readonly cancelReason: string | null
  readonly total: MoneyText
  readonly unitCount: number
  readonly placedAt: string
}

export interface OrderDetail extends OrderView {
  readonly items: readonly { readonly productId: string; readonly quantity: number }[]
  readonly timeline: readonly { readonly status: string; readonly at: string }[]
}

export interface PaymentView {
  readonly orderId: string
  readonly status: string
  readonly amount: MoneyText
}

export interface Problem {
  readonly code?: string
  readonly detail?: string
}

/** What a customer and the staff do, over REST and nothing else. */
export interface Shop extends Disposable {
  readonly endpoints: Endpoints
  readonly transport: Transport
  readonly tokens: Tokens
  products(query: string): Promise<Answer<Page<Product>>>
  product(id: string): Promise<Answer<Product>>
  basket(customer: string): Promise<Answer<unknown>>
  clearBasket(customer: string): Promise<Answer<unknown>>
  putItem(customer: string, productId: string, quantity: number): Promise<Answer<unknown>>
  removeItem(customer: string, productId: string): Promise<Answer<unknown>>
  checkout(customer: string, checkout: Checkout): Promise<Answer<{ orderId: string } & Problem>>
  cancel(customer: string, orderId: string): Promise<Answer<Problem>>
  order(orderId: string): Promise<Answer<OrderDetail>>
  payment(orderId: string): Promise<Answer<PaymentView>>
}

export interface Checkout {
  /** The idempotency key. */
  readonly key: string
  readonly paymentToken: string
  readonly country: string
  readonly channel: 'WEB' | 'API' | 'REPLAY'
}

export function openShop(endpoints: Endpoints, { maxSockets = 64 }: { maxSockets?: number } = {}): Shop {
  const transport = createTransport({ maxSockets })
  const tokens = localTokens(transport, endpoints.identity)
  const asCustomer = async <T>(
    customer: string,
    method: 'GET' | 'PUT' | 'POST' | 'DELETE',
    url: string,
    rest: { body?: unknown; headers?: Record<string, string> } = {},
  ) => transport.persist<T>({ method, url, token: await tokens(customer, 'customer'), ...rest })
  const asSupport = async <T>(url: string) =>
    transport.persist<T>({ method: 'GET', url, token: await tokens('e2e-support', 'support') })
  const basketUrl = `${endpoints.basket}/v1/basket`
  return {
    endpoints,
    transport,
    tokens,
    products: (query) => transport.persist({ method: 'GET', url: `${endpoints.catalog}/v1/products?${query}` }),
    product: (id) => transport.persist({ method: 'GET', url: `${endpoints.catalog}/v1/products/${id}` }),
    basket: (customer) => asCustomer(customer, 'GET', basketUrl),
    clearBasket: (customer) => asCustomer(customer, 'DELETE', basketUrl),
    putItem: (customer, productId, quantity) =>
      asCustomer(customer, 'PUT', `${basketUrl}/items/${productId}`, { body: { quantity } }),
    removeItem: (customer, productId) => asCustomer(customer, 'DELETE', `${basketUrl}/items/${productId}`),
    checkout: (customer, { key, paymentToken, country, channel }) =>
      asCustomer(customer, 'POST', `${basketUrl}/checkout`, {
        headers: { 'idempotency-key': key, 'x-channel': channel },
        body: { address: { street: '1 Market Street', city: 'Springfield', country, zipCode: '12345' }, paymentToken },
      }),
    cancel: (customer, orderId) => asCustomer(customer, 'POST', `${endpoints.ordering}/v1/orders/${orderId}/cancel`),
    order: (orderId) => asSupport(`${endpoints.ordering}/v1/orders/${orderId}`),
    payment: (orderId) => asSupport(`${endpoints.payment}/v1/payments/${orderId}`),
    [Symbol.dispose]: () => transport.close(),
  }
}
