import type { Role } from '#pipelines/http/types.ts'
import type { Endpoints } from './endpoints.ts'
import { openSql, type Sql } from './sql.ts'
import { localTokens, type Tokens } from './tokens.ts'
import { type Answer, type Call, createTransport, type Transport, type TransportOptions } from './transport.ts'
import type {
  BasketView,
  CheckoutView,
  Movement,
  OrderSummary,
  OrderView,
  Page,
  PaymentView,
  Problem,
  Product,
} from './views.ts'

/** What customers, staff and analysts do, over REST and SQL and nothing else. */
export interface Shop extends AsyncDisposable {
  readonly endpoints: Endpoints
  readonly transport: Transport
  readonly tokens: Tokens
  readonly sql: Sql
  /** Any call as somebody with a role, repeated as a good client does. */
  as<T>(subject: string, role: Role, call: Omit<Call, 'token'>): Promise<Answer<T>>
  products(query: string): Promise<Answer<Page<Product>>>
  product(id: string): Promise<Answer<Product>>
  /** The ledger of a product, newest first. */
  movements(productId: string, query: string): Promise<Answer<Page<Movement>>>
  basket(customer: string): Promise<Answer<BasketView>>
  clearBasket(customer: string): Promise<Answer<unknown>>
  putItem(customer: string, productId: string, quantity: number): Promise<Answer<BasketView & Problem>>
  removeItem(customer: string, productId: string): Promise<Answer<unknown>>
  checkout(customer: string, checkout: Checkout): Promise<Answer<{ readonly orderId: string } & Problem>>
  /** What basket accepted, as support sees it. */
  accepted(orderId: string): Promise<Answer<CheckoutView>>
  cancel(customer: string, orderId: string): Promise<Answer<Problem>>
  order(orderId: string): Promise<Answer<OrderView>>
  orders(query: string): Promise<Answer<Page<OrderSummary>>>
  payment(orderId: string): Promise<Answer<PaymentView>>
}

export interface Checkout {
  /** The idempotency key. */
  readonly key: string
  readonly paymentToken: string
  readonly country: string
  readonly channel: 'WEB' | 'API' | 'REPLAY'
}

export function openShop(endpoints: Endpoints, options: TransportOptions = {}): Shop {
  const transport = createTransport(options)
  const tokens = localTokens(transport, endpoints.identity)
  const sql = openSql(endpoints.clickhouse)
  const as = async <T>(subject: string, role: Role, call: Omit<Call, 'token'>) =>
    transport.persist<T>({ ...call, token: await tokens(subject, role) })
  const asSupport = <T>(url: string) => as<T>('e2e-support', 'support', { method: 'GET', url })
  const publicly = <T>(url: string) => transport.persist<T>({ method: 'GET', url })
  const { basket, catalog, ordering, payment } = endpoints
  const basketUrl = `${basket}/v1/basket`
  return {
    endpoints,
    transport,
    tokens,
    sql,
    as,
    products: (query) => publicly(`${catalog}/v1/products?${query}`),
    product: (id) => publicly(`${catalog}/v1/products/${id}`),
    movements: (id, query) => asSupport(`${catalog}/v1/products/${id}/stock/movements?${query}`),
    basket: (customer) => as(customer, 'customer', { method: 'GET', url: basketUrl }),
    clearBasket: (customer) => as(customer, 'customer', { method: 'DELETE', url: basketUrl }),
    putItem: (customer, productId, quantity) =>
      as(customer, 'customer', { method: 'PUT', url: `${basketUrl}/items/${productId}`, body: { quantity } }),
    removeItem: (customer, productId) =>
      as(customer, 'customer', { method: 'DELETE', url: `${basketUrl}/items/${productId}` }),
    checkout: (customer, { key, paymentToken, country, channel }) =>
      as(customer, 'customer', {
        method: 'POST',
        url: `${basketUrl}/checkout`,
        headers: { 'idempotency-key': key, 'x-channel': channel },
        body: { address: { street: '1 Market Street', city: 'Springfield', country, zipCode: '12345' }, paymentToken },
      }),
    accepted: (orderId) => asSupport(`${basketUrl}/checkouts/${orderId}`),
    cancel: (customer, orderId) =>
      as(customer, 'customer', { method: 'POST', url: `${ordering}/v1/orders/${orderId}/cancel` }),
    order: (orderId) => asSupport(`${ordering}/v1/orders/${orderId}`),
    orders: (query) => asSupport(`${ordering}/v1/orders?${query}`),
    payment: (orderId) => asSupport(`${payment}/v1/payments/${orderId}`),
    async [Symbol.asyncDispose]() {
      transport.close()
      await sql.close()
    },
  }
}
