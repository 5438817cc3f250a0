import { expect, test } from 'vitest'
import { plantedBugs } from './bugs.ts'
import { CHECKS } from './checks.ts'
import { bugsInReadme } from './table.ts'

test('at least a dozen bugs are planted, each with its words and the checks that may catch it', () => {
  expect(plantedBugs.length).toBeGreaterThanOrEqual(12)
  for (const { name, is, checks } of plantedBugs) {
    expect(is, name).not.toBe('')
    expect(checks.length, name).toBeGreaterThan(0)
    expect(CHECKS).toEqual(expect.arrayContaining([...checks]))
  }
})

test('the README tells what became of every one of them', () => {
  expect([...bugsInReadme()].sort()).toEqual(plantedBugs.map(({ name }) => name).sort())
})
