import { expect, test } from 'vitest'
import { seeded } from '#pipelines/kernel/chance.ts'
import { planOf } from './plan.ts'

const plans = (seed: number) =>
  Array.from({ length: 500 }, (_, number) => planOf(number, 100, seeded(seed).fork(number)))

test('the same seed gives the same customers, another seed others', () => {
  expect(plans(7)).toEqual(plans(7))
  expect(plans(7)).not.toEqual(plans(8))
})

test('among many customers all kinds appear', () => {
  const all = plans(42)
  expect(new Set(all.map(({ paymentToken }) => paymentToken))).toEqual(
    new Set(['tok_visa', 'tok_declined', 'tok_error', 'tok_slow', 'tok_once']),
  )
  expect(new Set(all.map(({ changesMind }) => changesMind))).toEqual(new Set(['no', 'quantity', 'removes']))
  expect(all.filter(({ cancels }) => cancels).length).toBeGreaterThan(10)
  expect(all.filter(({ ends }) => ends === 'abandons').length).toBeGreaterThan(5)
  expect(all.some(({ picks }) => picks.some(({ scarce }) => scarce))).toBe(true)
})

test('chance is even and stays in its bounds', () => {
  const chance = seeded(1)
  const counts = new Map<number, number>()
  for (let draw = 0; draw < 6000; draw++) {
    const value = chance.between(1, 6)
    counts.set(value, (counts.get(value) ?? 0) + 1)
  }
  expect([...counts.keys()].sort()).toEqual([1, 2, 3, 4, 5, 6])
  for (const count of counts.values()) expect(count).toBeGreaterThan(800)
})
