import { expect, inject, test } from 'vitest'
import { pause } from '#pipelines/kernel/lifecycle.ts'
import { readRun } from '#pipelines/local/supervisor/run-file.ts'
import { eventually } from '#pipelines/testing/eventually.ts'
import { eshop } from '../harness/eshop.ts'
import { verdictIn } from '../harness/verdict-in.ts'

const { home } = inject('shop')
const VICTIMS = [
  'basket',
  'catalog',
  'ordering',
  'payment',
  'grace-period',
  'analytics',
  'clickhouse',
  'kafka',
  'postgres',
] as const

const partNamed = (name: string) => readRun(home)?.parts.find((part) => part.name === name)

test('every part is killed during traffic, one after another: the books balance all the same', {
  timeout: 600_000,
}, async () => {
  const traffic = eshop('traffic', '--rate', '4', '--for', '10m', '--settle', '4m', '--json')
  await traffic.saw(/accepted/, 60_000)
  for (const name of VICTIMS) {
    const victim = partNamed(name)
    expect(victim, name).toBeDefined()
    process.kill(victim?.pid ?? 0, 'SIGKILL')
    const again = await eventually(() => partNamed(name)?.pid !== victim?.pid && partNamed(name), {
      withinMs: 90_000,
      everyMs: 100,
      what: `${name} started again`,
    })
    expect(again.restarts).toBeGreaterThan(victim?.restarts ?? 0)
    await pause(3_000) // customers come between two faults, too
  }
  traffic.signal('SIGINT')
  const { code } = await traffic.exited
  const verdict = verdictIn(traffic)
  expect(verdict.checks.flatMap(({ findings }) => findings)).toEqual([])
  expect(code).toBe(0)
  expect(verdict.orders.Paid).toBeGreaterThan(20)
})
