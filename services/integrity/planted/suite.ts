import { describe, expect, inject, test } from 'vitest'
import { plantedBugs } from './bugs.ts'
import { catchBug } from './catch.ts'
import type { CheckName } from './checks.ts'
import { copyTree } from './copy.ts'

/** The tests of some checks: they find nothing in the tree as it is, and each catches the bugs that it is the first to be asked about. */
export function plantedSuite(checks: readonly CheckName[]): void {
  const stores = { postgresUrl: inject('postgresUrl') }
  const bugs = plantedBugs.filter((bug) => checks.includes(bug.checks[0] as CheckName))

  describe('the suite can fail', () => {
    test.each(checks)('nothing is wrong with the tree as it is: %s', async (check) => {
      using copy = copyTree()
      expect(await copy.run(check, stores)).toBeUndefined()
    })

    test.each(bugs.map((bug) => [bug.name, bug] as const))('%s is caught', async (_name, bug) => {
      const { by, seconds, said } = await catchBug(bug, stores)
      console.log(`${bug.name}: ${by ?? 'NOT CAUGHT'} after ${seconds} s: ${said}`)
      expect(by, `no check noticed that ${bug.is}`).not.toBeNull()
    })
  })
}
