import fc from 'fast-check'
import { expect, it } from 'vitest'
import { SLOTS, slotOf } from './slots.ts'
import { wavesOf } from './waves.ts'

const rows = fc
  .array(fc.record({ topic: fc.constantFrom('a', 'b', 'c'), key: fc.constantFrom('k1', 'k2', 'k3', 'k4') }))
  .map((list) => list.map((row, i) => ({ ...row, id: i + 1, slot: slotOf(row.key) })))

it('waves hold every row once, a key in one topic only per wave, and never pass an earlier row of the key', () => {
  fc.assert(
    fc.property(rows, (all) => {
      const waves = wavesOf(all)
      expect(
        waves
          .flat()
          .map(({ id }) => id)
          .sort((a, b) => a - b),
      ).toEqual(all.map(({ id }) => id))
      for (const wave of waves) {
        expect(wave.length).toBeGreaterThan(0)
        for (const [, ofKey] of Map.groupBy(wave, ({ key }) => key))
          expect(new Set(ofKey.map(({ topic }) => topic)).size).toBe(1)
      }
      for (const [, ofKey] of Map.groupBy(waves.flat(), ({ key }) => key)) {
        const ids = ofKey.map(({ id }) => id)
        expect(ids).toEqual(ids.toSorted((a, b) => a - b))
      }
    }),
  )
})

it('as few waves as the keys allow: rows that need no order go together', () => {
  const many = Array.from({ length: 50 }, (_, i) => ({ id: i, slot: 0, topic: `t${i % 5}`, key: `key${i}` }))
  expect(wavesOf(many).length).toBe(1)
})

it('slots are within the table’s bounds and evenly used', () => {
  const counts = new Array<number>(SLOTS).fill(0)
  for (let i = 0; i < 16_000; i++) {
    const slot = slotOf(crypto.randomUUID())
    counts[slot] = (counts[slot] ?? 0) + 1
  }
  expect(counts.length).toBe(SLOTS)
  for (const count of counts) expect(count).toBeGreaterThan(800)
})

it('the slot of a key never changes: rows in the table carry it', () => {
  expect(['', 'a', '018f4c1e-7b1a-7c3e-9d2b-000000000001', 'grace-period'].map(slotOf)).toEqual([9, 0, 9, 15])
})
