import { seeded } from '#pipelines/kernel/chance.ts'
import { reportOf } from '../oracle/report.ts'
import { openLane } from './lane.ts'
import { type Run, simulate } from './run.ts'
import { drawScenario, type Scenario } from './scenario.ts'
import { shrink } from './shrink.ts'

export interface Batch {
  readonly runs: number
  readonly orders: number
  readonly steps: number
  /** How many of each end. */
  readonly ends: Readonly<Record<string, number>>
  /** The first run that failed, made as small as it goes. */
  readonly failed: Run | undefined
}

/** Full tables would make every later run slower. */
const EMPTY_EVERY = 50

/** Runs so many seeds from `from` on, in lanes side by side. Ends with the first that fails. */
export async function simulateMany(
  serverUrl: string,
  { from, runs, lanes = 3 }: { from: number; runs: number; lanes?: number },
): Promise<Batch> {
  let next = from
  let failed: Run | undefined
  const counts = { runs: 0, orders: 0, steps: 0 }
  const ends = new Map<string, number>()
  await Promise.all(
    Array.from({ length: lanes }, async () => {
      const lane = await openLane(serverUrl)
      let sinceEmpty = 0
      try {
        while (next < from + runs && !failed) {
          const seed = next++
          const run = await simulate(lane, scenarioOf(seed))
          counts.runs += 1
          if (++sinceEmpty % EMPTY_EVERY === 0) await lane.empty()
          counts.orders += run.scenario.orders.length
          counts.steps += run.history.length
          for (const { status } of run.evidence.ordering.orders) ends.set(status, (ends.get(status) ?? 0) + 1)
          if (run.findings.length > 0 && !failed) {
            failed = run
            failed = await shrink(run, (scenario) => simulate(lane, scenario))
          }
        }
      } finally {
        await lane.close()
      }
    }),
  )
  return { ...counts, ends: Object.fromEntries([...ends].sort()), failed }
}

export function scenarioOf(seed: number): Scenario {
  return drawScenario(seed, seeded(seed))
}

/** Everything a person needs to see why a run failed, and to do it again. */
export function tell({ scenario, history, findings, evidence }: Run): string {
  return [
    `seed ${scenario.seed} (SEED=${scenario.seed} RUNS=1 repeats it), as small as it goes:`,
    JSON.stringify(scenario),
    ...history.map((line) => `  ${line}`),
    reportOf(findings, evidence),
  ].join('\n')
}
