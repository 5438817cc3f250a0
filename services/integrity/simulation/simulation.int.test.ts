import { expect, inject, test } from 'vitest'
import { scenarioOf, simulateMany, tell } from './batch.ts'
import { openLane } from './lane.ts'
import { simulate } from './run.ts'

const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 1e9))
const RUNS = Number(process.env.RUNS ?? 40)
const serverUrl = inject('postgresUrl')

test(`${RUNS} seeded runs of the real handlers from ${SEED}: in every order of steps, whatever dies, all ends well`, async () => {
  const { failed, runs, orders, steps, ends } = await simulateMany(serverUrl, { from: SEED, runs: RUNS })
  console.log(`${runs} runs, ${orders} orders, ${steps} steps: ${JSON.stringify(ends)}`)
  expect(failed && tell(failed)).toBeUndefined()
  expect(runs).toBe(RUNS)
})

test('a seed does the same again, step by step', async () => {
  const lane = await openLane(serverUrl)
  try {
    for (const seed of [SEED, SEED + 1]) {
      const [first, second] = [await simulate(lane, scenarioOf(seed)), await simulate(lane, scenarioOf(seed))]
      expect(second.history, `seed ${seed}`).toEqual(first.history)
      expect(first.history.length).toBeGreaterThan(15)
    }
  } finally {
    await lane.close()
  }
})
