import { describe, expect, it } from 'vitest'
import { type CheckoutRequest, checkOut } from './checkout.ts'
import { basket, CUSTOMER, line, product, productId, productsOf } from './testing/baskets.ts'

const orderId = '0193f000-0000-7000-8000-00000000000d'
const ids = { orderId, nowMs: 1_700_000_000_000 }
const request: CheckoutRequest = {
  address: { street: '1 Market Street', city: 'Springfield', country: 'Germany', zipCode: '12345' },
  paymentToken: 'tok_visa',
  channel: 'WEB',
}
const products = productsOf(product(1), product(2))

describe('a checkout', () => {
  it("orders the lines at the catalog's prices, numbered from 1 in the order they were put in", () => {
    const closed = basket([line(2, 3, { lineNo: 7 }), line(1, 2, { lineNo: 4 })], 9)
    expect(checkOut(closed, products, request, ids)).toEqual({
      outcome: 'accepted',
      event: {
        type: 'UserCheckoutAccepted',
        occurredAt: ids.nowMs,
        orderId,
        customerId: CUSTOMER,
        basketId: closed.basketId,
        basketVersion: 9,
        totalMinor: 8_000,
        subtotalMinor: 8_000,
        currency: 'EUR',
        items: [
          expect.objectContaining({
            lineNo: 1,
            productId: productId(1),
            sku: 'SKU-1',
            unitPriceMinor: 1_000,
            quantity: 2,
          }),
          expect.objectContaining({ lineNo: 2, productId: productId(2), priceVersion: 1, quantity: 3 }),
        ],
        address: { ...request.address, state: null },
        paymentToken: 'tok_visa',
        channel: 'WEB',
      },
    })
  })

  it('of nothing is refused', () => {
    expect(checkOut(undefined, products, request, ids)).toEqual({ outcome: 'empty' })
    expect(checkOut(basket([]), products, request, ids)).toEqual({ outcome: 'empty' })
  })

  it('at prices that the customer was not told is refused, and by that they are told', () => {
    const dearer = productsOf(product(1), product(2, { priceVersion: 2, unitPriceMinor: 2_500 }))
    const filled = basket([line(1, 1), line(2, 1)])
    const refusal = checkOut(filled, dearer, request, ids)
    expect(refusal).toMatchObject({
      outcome: 'price-changed',
      lines: [{ productId: productId(2), unitPriceMinor: 2_000 }],
    })
    const again = refusal.outcome === 'price-changed' ? refusal.basket : undefined
    expect(checkOut(again, dearer, request, ids)).toMatchObject({ outcome: 'accepted', event: { totalMinor: 3_500 } })
  })

  it('asks also about a price that fell', () => {
    const cheaper = productsOf(product(1, { priceVersion: 5, unitPriceMinor: 1 }))
    expect(checkOut(basket([line(1, 1)]), cheaper, request, ids).outcome).toBe('price-changed')
  })

  it('is refused when the catalog has given a product another currency', () => {
    const mixed = productsOf(product(1), product(2, { currency: 'USD' }))
    expect(checkOut(basket([line(1, 1), line(2, 1)]), mixed, request, ids)).toEqual({ outcome: 'currencies-differ' })
  })

  it('is refused when its total could not be told exactly', () => {
    const dear = productsOf(product(1, { unitPriceMinor: Number.MAX_SAFE_INTEGER }))
    expect(checkOut(basket([line(1, 2)]), dear, request, ids)).toEqual({ outcome: 'total-too-large' })
  })
})
