import { describe, expect, test } from 'vitest'
import { seeded } from '#pipelines/kernel/chance.ts'
import { planOf, WITH_DATABASE } from './plan.ts'

const PARTS = [
  'kafka',
  'postgres',
  'clickhouse',
  'registry',
  'identity',
  'basket',
  'catalog',
  'ordering',
  'payment',
  'tasks',
  'analytics',
]

describe('a plan', () => {
  test('is the same for the same seed, whatever order the parts come in', () => {
    const plan = planOf(PARTS, 120_000, seeded(7))
    expect(planOf([...PARTS].reverse(), 120_000, seeded(7))).toEqual(plan)
    expect(planOf(PARTS, 120_000, seeded(8))).not.toEqual(plan)
  })

  test('is over before the traffic ends, and fills its time', () => {
    for (let seed = 1; seed <= 50; seed++) {
      const plan = planOf(PARTS, 60_000, seeded(seed))
      expect(plan.length, `seed ${seed}`).toBeGreaterThan(8)
      for (const { atMs, forMs } of plan) expect(atMs + forMs).toBeLessThanOrEqual(57_000)
      expect(plan.at(-1)?.atMs).toBeGreaterThan(45_000)
    }
  })

  test('knows every fault and every part, and asks of none what it cannot', () => {
    const faults = Array.from({ length: 50 }, (_, seed) => planOf(PARTS, 120_000, seeded(seed))).flat()
    expect(new Set(faults.map(({ kind }) => kind))).toEqual(
      new Set(['kill', 'restart', 'freeze', 'hang', 'cut', 'lock']),
    )
    expect(new Set(faults.map(({ victim }) => victim))).toEqual(new Set(PARTS))
    for (const { kind, victim } of faults)
      if (['hang', 'cut', 'lock'].includes(kind)) expect(WITH_DATABASE).toContain(victim)
  })
})
