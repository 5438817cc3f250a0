import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Basket, Product } from './basket.ts'
import { checkOut } from './checkout.ts'
import { putItem, removeItem, told, totalMinor } from './domain.ts'
import { basket, LIMITS, product, productId, productsOf } from './testing/baskets.ts'

const edits = fc.array(
  fc.oneof(
    fc.record({
      do: fc.constant('put' as const),
      n: fc.integer({ min: 1, max: 5 }),
      quantity: fc.integer({ min: 1, max: 120 }),
    }),
    fc.record({ do: fc.constant('remove' as const), n: fc.integer({ min: 1, max: 5 }) }),
    fc.record({ do: fc.constant('price' as const), n: fc.integer({ min: 1, max: 5 }), minor: fc.nat(1_000_000) }),
    fc.record({ do: fc.constant('look' as const) }),
  ),
  { maxLength: 60 },
)

describe('whatever a customer does while prices change', () => {
  it('the basket stays within its limits, and a checkout only takes what the customer was told', () => {
    fc.assert(
      fc.property(edits, (script) => {
        let current: Basket = basket([], 0)
        const catalog = new Map<string, Product>([1, 2, 3, 4, 5].map((n) => [productId(n), product(n)]))
        let shownTotal = 0
        const show = (shown: Basket) => {
          current = told(shown, catalog)
          shownTotal = totalMinor(current, catalog)
        }
        for (const step of script) {
          const before = current
          if (step.do === 'price') {
            const old = catalog.get(productId(step.n)) as Product
            catalog.set(old.productId, { ...old, unitPriceMinor: step.minor, priceVersion: old.priceVersion + 1 })
          } else if (step.do === 'look') show(current)
          else {
            const edit =
              step.do === 'put'
                ? putItem(current, { productId: productId(step.n), quantity: step.quantity }, catalog, LIMITS)
                : removeItem(current, productId(step.n))
            if (edit.outcome !== 'refused') show(edit.basket)
            expect(current.version).toBe(before.version + (edit.outcome === 'edited' ? 1 : 0))
          }
          expect(current.lines.length).toBeLessThanOrEqual(LIMITS.maxLines)
          expect(new Set(current.lines.map((line) => line.productId)).size).toBe(current.lines.length)
          for (const line of current.lines) expect(line.quantity).toBeLessThanOrEqual(LIMITS.maxQuantity)
        }
        const request = {
          address: { street: 's', city: 'c', country: 'x', zipCode: 'z' },
          paymentToken: 'tok_visa',
          channel: 'API',
        } as const
        const ids = { orderId: productId(99), nowMs: 1 }
        const decision = checkOut(current, productsOf(...catalog.values()), request, ids)
        if (decision.outcome === 'accepted') expect(decision.event.totalMinor).toBe(shownTotal)
        if (decision.outcome === 'price-changed') {
          expect(checkOut(decision.basket, catalog, request, ids).outcome).toBe('accepted')
        }
        if (current.lines.length === 0) expect(decision.outcome).toBe('empty')
      }),
      { numRuns: 2_000 },
    )
  })
})
