import { describe, expect, test } from 'vitest'
import { eshop } from '#services/e2e/harness/eshop.ts'
import { jsonIn } from '#services/e2e/harness/verdict-in.ts'
import type { Fault } from './plan.ts'
import type { ChaosVerdict } from './report.ts'

describe('eshop chaos', () => {
  test('--plan shows what would be done, the same for the same seed, and does nothing', async () => {
    const [first, second] = [
      eshop('chaos', '--plan', '--seed', '5', '--json'),
      eshop('chaos', '--plan', '--seed', '5', '--json'),
    ]
    expect((await first.exited).code).toBe(0)
    expect((await second.exited).code).toBe(0)
    expect(jsonIn<{ plan: readonly Fault[] }>(first).plan.length).toBeGreaterThan(10)
    expect(jsonIn(first)).toEqual(jsonIn(second))
  })

  test('breaks the shop while customers shop, and proves that nothing was lost', async () => {
    const chaos = eshop('chaos', '--for', '10s', '--rate', '4', '--seed', '11', '--json')
    const { code } = await chaos.exited
    const verdict = jsonIn<ChaosVerdict>(chaos)
    expect(verdict.findings).toEqual([])
    expect(Object.values(verdict.invariants)).toEqual(Array.from({ length: 9 }, () => 0))
    expect(verdict.faults.length).toBeGreaterThan(0)
    expect(verdict.customers.accepted).toBeGreaterThan(20)
    expect(verdict.ok && code).toBe(0)
    expect(chaos.output()).not.toContain('\x1b[')
  })
})
