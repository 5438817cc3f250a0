import type { Run } from './run.ts'
import type { Scenario } from './scenario.ts'

/** Leaves out one spice, or one order, after the other, as long as it still fails. What is left is what it takes. */
export async function shrink(failed: Run, simulate: (scenario: Scenario) => Promise<Run>, mostRuns = 60): Promise<Run> {
  let smallest = failed
  for (let runs = 0; runs < mostRuns; ) {
    let isSmaller = false
    for (const scenario of smallerOnes(smallest.scenario)) {
      runs += 1
      const run = await simulate(scenario)
      if (run.findings.length === 0) continue
      smallest = run
      isSmaller = true
      break
    }
    if (!isSmaller) break
  }
  return smallest
}

function* smallerOnes(scenario: Scenario): Generator<Scenario> {
  const { orders, spices } = scenario
  if (orders.length > 1)
    for (const order of orders)
      yield {
        ...scenario,
        orders: orders.filter((one) => one !== order),
        spices: spices.filter((spice) => !('order' in spice) || spice.order !== order.number),
      }
  for (const spice of spices) yield { ...scenario, spices: spices.filter((one) => one !== spice) }
}
