import { expect, inject, test } from 'vitest'
import { simulateMany, tell } from './batch.ts'

const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 1e9))
const RUNS = Number(process.env.RUNS ?? 10_000)

test(`${RUNS} seeded runs of the real handlers from ${SEED}: in every order of steps, whatever dies, all ends well`, async () => {
  const began = performance.now()
  const { failed, runs, orders, steps, ends } = await simulateMany(inject('postgresUrl'), {
    from: SEED,
    runs: RUNS,
    lanes: 4,
  })
  const seconds = Math.round((performance.now() - began) / 1000)
  console.log(`${runs} runs, ${orders} orders, ${steps} steps in ${seconds} s: ${JSON.stringify(ends)}`)
  expect(failed && tell(failed)).toBeUndefined()
  expect(runs).toBe(RUNS)
})
