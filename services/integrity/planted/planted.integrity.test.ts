import { describe, expect, inject, test } from 'vitest'
import { plantedBugs } from './bugs.ts'
import { catchBug } from './catch.ts'
import { CHECKS } from './checks.ts'
import { copyTree } from './copy.ts'

const stores = { postgresUrl: inject('postgresUrl') }

describe('the suite can fail', () => {
  test.each(CHECKS)('nothing is wrong with the tree as it is: %s', async (check) => {
    using copy = copyTree()
    expect(await copy.run(check, stores)).toBeUndefined()
  })

  test.each(plantedBugs.map((bug) => [bug.name, bug] as const))('%s is caught', async (_name, bug) => {
    const { by, seconds, said } = await catchBug(bug, stores)
    console.log(`${bug.name}: ${by ?? 'NOT CAUGHT'} after ${seconds} s: ${said}`)
    expect(by, `no check noticed that ${bug.is}`).not.toBeNull()
  })
})
