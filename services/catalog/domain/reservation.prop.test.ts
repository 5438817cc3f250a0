import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Decision, heldLines, type Reservation, release, reserve, type Shelf, sell } from './reservation.ts'

const PRODUCTS = ['p1', 'p2', 'p3'] as const
const ORDERS = ['o1', 'o2', 'o3', 'o4', 'o5', 'o6']

const line = fc.record({ productId: fc.constantFrom(...PRODUCTS, 'unknown'), quantity: fc.integer({ min: 1, max: 6 }) })
/** What is delivered, in any order and as often as it likes: also the impossible. */
const delivery = fc.record({
  orderId: fc.constantFrom(...ORDERS),
  event: fc.constantFrom('ask', 'pay', 'cancel'),
  lines: fc.array(line, { minLength: 1, maxLength: 4 }),
})
const stocked = fc.tuple(...PRODUCTS.map(() => fc.integer({ min: 0, max: 12 })))

/** The catalog as its store keeps it, with the handlers' rule of what is asked when. */
function catalog(units: readonly number[]) {
  const shelves = new Map<string, Shelf>(
    PRODUCTS.map((productId, index) => [
      productId,
      { productId, available: units[index] ?? 0, reserved: 0, sold: 0, stockVersion: 0, discontinued: false },
    ]),
  )
  const reservations = new Map<string, Reservation>()

  function carryOut(decision: Decision) {
    if ('quiet' in decision || 'wrong' in decision) return
    reservations.set(decision.next.orderId, decision.next)
    for (const movement of decision.movements) {
      expect(movement.stockVersion).toBe((shelves.get(movement.productId)?.stockVersion ?? 0) + 1)
      shelves.set(movement.productId, { ...movement, discontinued: false })
    }
  }

  return {
    shelves,
    reservations,
    deliver(orderId: string, event: string, lines: { productId: string; quantity: number }[]) {
      const known = reservations.get(orderId)
      if (event === 'ask') {
        if (!known) carryOut(reserve({ orderId, version: 1, lines }, shelves, 0))
      } else if (!known) {
        if (event === 'cancel') reservations.set(orderId, { orderId, status: 'RELEASED', answer: undefined })
      } else carryOut(event === 'pay' ? sell(known, shelves) : release(known, shelves))
    },
  }
}

test('in any order of events, no unit is invented, lost or sold twice', () => {
  fc.assert(
    fc.property(stocked, fc.array(delivery, { maxLength: 60 }), (units, deliveries) => {
      const { shelves, reservations, deliver } = catalog(units)
      for (const { orderId, event, lines } of deliveries) {
        deliver(orderId, event, lines)
        for (const [index, productId] of PRODUCTS.entries()) {
          const { available, reserved, sold } = shelves.get(productId) as Shelf
          expect(Math.min(available, reserved, sold)).toBeGreaterThanOrEqual(0)
          expect(available + reserved + sold).toBe(units[index])
          const held = [...reservations.values()].flatMap(heldLines).filter((each) => each.productId === productId)
          expect(reserved).toBe(held.reduce((sum, { quantity }) => sum + quantity, 0))
        }
      }
    }),
    { numRuns: 500 },
  )
})

test('whatever is repeated changes nothing', () => {
  fc.assert(
    fc.property(stocked, fc.array(delivery, { maxLength: 30 }), (units, deliveries) => {
      const once = catalog(units)
      const often = catalog(units)
      for (const { orderId, event, lines } of deliveries) {
        once.deliver(orderId, event, lines)
        for (let time = 0; time < 3; time++) often.deliver(orderId, event, lines)
      }
      expect(often.shelves).toEqual(once.shelves)
      expect(often.reservations).toEqual(once.reservations)
    }),
  )
})

test('a reservation is whole or not at all', () => {
  fc.assert(
    fc.property(stocked, fc.array(line, { minLength: 1, maxLength: 6 }), (units, lines) => {
      const { shelves } = catalog(units)
      const wanted = Map.groupBy(lines, ({ productId }) => productId)
      const enough = [...wanted].every(
        ([productId, some]) =>
          (shelves.get(productId)?.available ?? -1) >= some.reduce((sum, { quantity }) => sum + quantity, 0),
      )
      const { next, movements } = reserve({ orderId: 'o1', version: 1, lines }, shelves, 0)
      expect(next.status).toBe(enough ? 'RESERVED' : 'REJECTED')
      expect(movements).toHaveLength(enough ? lines.length : 0)
    }),
  )
})
