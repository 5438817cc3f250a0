import { describe, expect, test } from 'vitest'
import { SMALL, titleOf } from './allowances.ts'
import { explore } from './explore.ts'
import { faultOf, unfinished } from './invariants.ts'
import { NOTHING, newWorld, ORDER_ID, type World } from './world.ts'

describe('an order, in every interleaving', () => {
  test.each(SMALL.map((scope) => [titleOf(scope), scope] as const))('%s', (_title, { units, left }) => {
    const { fault, states, ends } = explore(newWorld(units, left))
    expect(fault).toBeUndefined()
    expect(states).toBeGreaterThan(30)
    expect(Object.keys(ends).length).toBeGreaterThan(units > 1 ? 1 : 0)
  })

  test('ends in each way that it may', () => {
    const ends = Object.keys(explore(newWorld(5, { ...NOTHING, cancels: 1, ships: 1 })).ends)
    expect(ends).toEqual([
      'Cancelled, payment CANCELLED',
      'Cancelled, payment FAILED',
      'Cancelled, payment REFUNDED',
      'Paid, payment SUCCEEDED',
      'Shipped, payment SUCCEEDED',
    ])
    expect(Object.keys(explore(newWorld(1, NOTHING)).ends)).toEqual(['Cancelled, payment CANCELLED'])
  })
})

/** The first world, with something in it that must never be. */
const wrong = (over: Partial<World>): World => ({ ...newWorld(5, NOTHING), ...over })
const bank = { captures: [], refused: false, refunds: [] }

describe('what must not be is found', () => {
  test.each([
    ['stock below zero', wrong({ shelf: { ...newWorld(5, NOTHING).shelf, available: -1 } }), /oversold/],
    ['units held for nobody', wrong({ shelf: { ...newWorld(5, NOTHING).shelf, reserved: 2 } }), /doubled/],
    ['two captures', wrong({ bank: { ...bank, captures: [ORDER_ID, 'another'] } }), /charged twice/],
    ['a refund of nothing', wrong({ bank: { ...bank, refunds: ['r'] } }), /never captured/],
    [
      'a refund of an order that stands',
      wrong({ bank: { ...bank, captures: [ORDER_ID], refunds: ['r'] } }),
      /unbalanced: refunded/,
    ],
    ['a gap in the versions', wrong({ steps: [{ type: 'OrderStarted', version: 2, occurredAt: 1 }] }), /illegal path/],
  ])('%s', (_name, world, says) => {
    expect(faultOf(world)).toMatch(says)
  })

  test('an order that nobody answers is stuck', () => {
    expect(unfinished(wrong({}))).toMatch(/stuck/)
    expect(unfinished(wrong({ basket: 'Started' }))).toMatch(/lost/)
  })

  test('a fault comes with the shortest way to it', () => {
    const { fault } = explore({ ...newWorld(5, NOTHING), bank: { ...bank, captures: ['of another order'] } })
    expect(fault?.says).toMatch(/charged twice/)
    expect(fault?.history).toEqual(['the checkout is accepted', 'ordering handles UserCheckoutAccepted'])
  })
})
