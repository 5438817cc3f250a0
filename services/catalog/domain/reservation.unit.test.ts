import { describe, expect, test } from 'vitest'
import { newId } from '#pipelines/kernel/ids.ts'
import { askedAgain, flawOf, heldLines, type Reservation, release, reserve, type Shelf, sell } from './reservation.ts'

const AT = Date.UTC(2026, 10, 22)
const orderId = newId()
const mug = newId()
const jug = newId()

function shelf(productId: string, available: number, given: Partial<Shelf> = {}): [string, Shelf] {
  return [productId, { productId, available, reserved: 0, sold: 0, stockVersion: 1, discontinued: false, ...given }]
}

function asked(...lines: { productId: string; quantity: number }[]) {
  return { orderId, version: 3, lines }
}

describe('reserving', () => {
  test('takes all lines, answers, and tells each movement', () => {
    const shelves = new Map([shelf(mug, 5, { reserved: 1 }), shelf(jug, 2)])
    const { next, movements, events } = reserve(
      asked({ productId: mug, quantity: 2 }, { productId: jug, quantity: 2 }),
      shelves,
      AT,
    )
    expect(next.status).toBe('RESERVED')
    expect(movements).toMatchObject([
      { productId: mug, available: 3, reserved: 3, sold: 0, stockVersion: 2, delta: -2, reason: 'RESERVED', orderId },
      { productId: jug, available: 0, reserved: 2, sold: 0, stockVersion: 2, delta: -2, reason: 'RESERVED', orderId },
    ])
    expect(events[0]).toEqual({
      type: 'OrderStockConfirmed',
      orderId,
      orderVersion: 3,
      occurredAt: AT,
      lines: [
        { productId: mug, quantity: 2, availableAfter: 3, reservedAfter: 3, stockVersion: 2 },
        { productId: jug, quantity: 2, availableAfter: 0, reservedAfter: 2, stockVersion: 2 },
      ],
    })
    expect(events.slice(1).map(({ type }) => type)).toEqual(['ProductStockChanged', 'ProductStockChanged'])
  })

  test('takes nothing when one line cannot be had, and says why for each such line', () => {
    const old = newId()
    const unknown = newId()
    const shelves = new Map([shelf(mug, 5), shelf(jug, 1), shelf(old, 9, { discontinued: true })])
    const lines = [
      { productId: mug, quantity: 5 },
      { productId: jug, quantity: 2 },
      { productId: old, quantity: 1 },
      { productId: unknown, quantity: 1 },
    ]
    const { next, movements, events } = reserve(asked(...lines), shelves, AT)
    expect(next.status).toBe('REJECTED')
    expect(movements).toEqual([])
    expect(events).toEqual([
      {
        type: 'OrderStockRejected',
        orderId,
        orderVersion: 3,
        occurredAt: AT,
        lines: [
          { productId: jug, requested: 2, available: 1, reason: 'INSUFFICIENT' },
          { productId: old, requested: 1, available: 0, reason: 'DISCONTINUED' },
          { productId: unknown, requested: 1, available: 0, reason: 'UNKNOWN_PRODUCT' },
        ],
      },
    ])
  })

  test('counts two lines of one product together', () => {
    const two = asked({ productId: mug, quantity: 3 }, { productId: mug, quantity: 3 })
    expect(reserve(two, new Map([shelf(mug, 5)]), AT).next.status).toBe('REJECTED')
    const { movements } = reserve(two, new Map([shelf(mug, 6)]), AT)
    expect(movements.map(({ available, stockVersion }) => [available, stockVersion])).toEqual([
      [3, 2],
      [0, 3],
    ])
  })

  test('finds what no retry helps', () => {
    expect(flawOf(asked({ productId: mug, quantity: 1 }))).toBeUndefined()
    expect(flawOf(asked())).toBeDefined()
    expect(flawOf(asked({ productId: mug, quantity: 0 }))).toBeDefined()
    expect(flawOf(asked({ productId: mug, quantity: 1 }, { productId: jug, quantity: -1 }))).toBeDefined()
  })
})

const reserved = reserve(asked({ productId: mug, quantity: 2 }), new Map([shelf(mug, 5)]), AT).next
const rejected = reserve(asked({ productId: mug, quantity: 6 }), new Map([shelf(mug, 5)]), AT).next
const mark: Reservation = { orderId, status: 'RELEASED', answer: undefined }
const after = new Map([shelf(mug, 3, { reserved: 2, stockVersion: 2 })])

describe('the same question again', () => {
  test('gets the recorded answer, whatever became of the reservation', () => {
    expect(askedAgain(reserved)).toEqual([reserved.answer])
    expect(askedAgain({ ...reserved, status: 'SOLD' })).toEqual([reserved.answer])
    expect(askedAgain({ ...reserved, status: 'RELEASED' })).toEqual([reserved.answer])
    expect(askedAgain(rejected)).toEqual([rejected.answer])
  })

  test('gets none when the order was cancelled first', () => {
    expect(askedAgain(mark)).toEqual([])
  })
})

describe('a paid order', () => {
  test('sells what it holds', () => {
    expect(sell(reserved, after)).toMatchObject({
      next: { status: 'SOLD', answer: reserved.answer },
      movements: [{ available: 3, reserved: 0, sold: 2, stockVersion: 3, delta: -2, reason: 'SOLD' }],
      events: [{ type: 'ProductStockChanged', available: 3, reserved: 0, delta: -2, reason: 'SOLD', orderId }],
    })
  })

  test('is quiet when it is sold already', () => {
    expect(sell({ ...reserved, status: 'SOLD' }, after)).toHaveProperty('quiet')
  })

  test('is wrong when nothing is held', () => {
    expect(sell(rejected, after)).toHaveProperty('wrong')
    expect(sell(mark, after)).toHaveProperty('wrong')
    expect(sell({ ...reserved, status: 'RELEASED' }, after)).toHaveProperty('wrong')
  })
})

describe('a cancelled order', () => {
  test('gives back what it holds', () => {
    expect(release(reserved, after)).toMatchObject({
      next: { status: 'RELEASED' },
      movements: [{ available: 5, reserved: 0, sold: 0, stockVersion: 3, delta: 2, reason: 'RELEASED' }],
      events: [{ type: 'ProductStockChanged', available: 5, delta: 2, reason: 'RELEASED' }],
    })
  })

  test('is quiet when nothing is held', () => {
    expect(release(rejected, after)).toHaveProperty('quiet')
    expect(release(mark, after)).toHaveProperty('quiet')
    expect(release({ ...reserved, status: 'RELEASED' }, after)).toHaveProperty('quiet')
  })

  test('is wrong when it was sold', () => {
    expect(release({ ...reserved, status: 'SOLD' }, after)).toHaveProperty('wrong')
  })
})

test('only a reservation holds units', () => {
  expect(heldLines(reserved)).toMatchObject([{ productId: mug, quantity: 2 }])
  expect(heldLines(rejected)).toEqual([])
  expect(heldLines({ ...reserved, status: 'SOLD' })).toEqual([])
})
