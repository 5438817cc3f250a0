import { expect, test } from 'vitest'
import { eshop } from '../harness/eshop.ts'
import { verdictIn } from '../harness/verdict-in.ts'
import type { Verdict } from '../traffic/verdict.ts'

test('traffic ends with what happened to each order, and with books that balance', async () => {
  const traffic = eshop('traffic', '--rate', '8', '--for', '10s', '--seed', '7', '--json')
  const { code } = await traffic.exited
  const verdict = verdictIn(traffic)
  expect(verdict.checks.flatMap(({ findings }) => findings)).toEqual([])
  expect(code).toBe(0)
  expect(verdict).toMatchObject({ visits: 80, unknown: {}, ok: true })
  expect(verdict.accepted).toBeGreaterThan(60)
  expect(sum(verdict.orders)).toBe(verdict.accepted)
  expect(verdict.accepted + verdict.abandoned + sum(verdict.refused)).toBe(verdict.visits)
  // The seed plays all kinds of customers.
  const states = Object.keys(verdict.orders)
  expect(states).toEqual(
    expect.arrayContaining(['Paid', 'Cancelled (CUSTOMER)', 'Cancelled (PAYMENT)', 'Cancelled (STOCK)']),
  )
  expect(states.filter((state) => state.startsWith('not final'))).toEqual([])
  expect(verdict.toPaidMs.count).toBe(verdict.orders.Paid)
})

test('Ctrl-C ends the arrivals, and what is under way is still settled and judged', async () => {
  const traffic = eshop('traffic', '--rate', '4', '--for', '10m')
  await traffic.saw(/accepted/, 60_000)
  traffic.signal('SIGINT')
  const { code } = await traffic.exited
  expect(traffic.output()).toContain('no new customers')
  expect(traffic.output()).toContain('The books balance.')
  expect(code).toBe(0)
})

test('bad flags say what is wrong and exit with 2', async () => {
  for (const args of [['--rate', 'fast'], ['--for', '60'], ['--nonsense']]) {
    const traffic = eshop('traffic', ...args)
    expect((await traffic.exited).code, args.join(' ')).toBe(2)
    expect(traffic.output()).toMatch(/not a number above 0|not a duration|unknown option/)
  }
})

function sum(counts: Verdict['orders']): number {
  return Object.values(counts).reduce((total, count) => total + count, 0)
}
