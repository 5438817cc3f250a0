import { expect, test } from 'vitest'
import { newId } from '#pipelines/kernel/ids.ts'
import { MOST_UNITS, move, stockChanged } from './stock.ts'

const stock = { productId: newId(), available: 5, reserved: 3, sold: 1, stockVersion: 7 }
const orderId = newId()

test.each([
  ['RECEIVED', 2, { available: 7, reserved: 3, sold: 1, delta: 2 }],
  ['CORRECTED', -5, { available: 0, reserved: 3, sold: 1, delta: -5 }],
  ['RESERVED', 5, { available: 0, reserved: 8, sold: 1, delta: -5 }],
  ['RELEASED', 3, { available: 8, reserved: 0, sold: 1, delta: 3 }],
  ['SOLD', 3, { available: 5, reserved: 0, sold: 4, delta: -3 }],
] as const)('%s of %i moves the counts and takes the next version', (reason, units, expected) => {
  const movement = move(stock, reason, units, { orderId })
  expect(movement).toMatchObject({ ...expected, reason, stockVersion: 8, orderId, note: null })
  expect(stockChanged(movement)).toMatchObject({ type: 'ProductStockChanged', delta: expected.delta, stockVersion: 8 })
})

test.each([
  ['CORRECTED', -6],
  ['RESERVED', 6],
  ['RELEASED', 4],
  ['SOLD', 4],
  ['RECEIVED', MOST_UNITS],
] as const)('%s of %i is impossible', (reason, units) => {
  expect(() => move(stock, reason, units)).toThrow(expect.objectContaining({ code: 'STOCK_IMPOSSIBLE' }))
})
