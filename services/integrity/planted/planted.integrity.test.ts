import { afterAll, describe, expect, inject, test } from 'vitest'
import { plantedBugs } from './bugs.ts'
import { CHECKS, type CheckName } from './checks.ts'
import { copyTree } from './copy.ts'
import { type Caught, writeTable } from './table.ts'

const stores = { postgresUrl: inject('postgresUrl') }
const caught: Caught[] = []
/** `PLANTED=write` puts what this run measured into the README. */
afterAll(() => {
  for (const { name, by, seconds, said } of caught)
    console.log(`${name}: ${by ?? 'NOT CAUGHT'} after ${seconds} s: ${said}`)
  if (process.env.PLANTED === 'write' && caught.length === plantedBugs.length)
    writeTable(
      caught,
      `Measured on ${new Date().toISOString().slice(0, 10)}, 2 cores; seconds from the start of the check that caught it.`,
    )
})

describe('the suite can fail', () => {
  test.each(CHECKS)('nothing is wrong with the tree as it is: %s', async (check) => {
    using copy = copyTree()
    expect(await copy.run(check, stores)).toBeUndefined()
  })

  test.each(plantedBugs.map((bug) => [bug.name, bug] as const))(
    '%s is caught',
    async (_name, { name, is, patch, checks }) => {
      using copy = copyTree()
      copy.apply(patch)
      for (const by of checks) {
        const [said, seconds] = await timed(() => copy.run(by as CheckName, stores))
        if (said === undefined) continue
        caught.push({ name, is, by, seconds, said })
        return
      }
      caught.push({ name, is, by: undefined, seconds: 0, said: undefined })
      expect.unreachable(`no check noticed that ${is}`)
    },
  )
})

async function timed<T>(work: () => Promise<T>): Promise<[T, number]> {
  const began = performance.now()
  const result = await work()
  return [result, Math.round((performance.now() - began) / 1000)]
}
