import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { root } from '#pipelines/local/paths.ts'
import { plantedBugs } from './bugs.ts'
import { CHECKS } from './checks.ts'
import { readResults, tableInReadme, tableOf } from './results.ts'

test('at least a dozen bugs are planted, each with its words and the checks that may catch it', () => {
  expect(plantedBugs.length).toBeGreaterThanOrEqual(12)
  for (const { name, is, checks } of plantedBugs) {
    expect(is, name).not.toBe('')
    expect(checks.length, name).toBeGreaterThan(0)
    expect(CHECKS).toEqual(expect.arrayContaining([...checks]))
  }
})

test('every one was caught when it was last tried, and the README tells by what', () => {
  const results = readResults()
  expect(results.map(({ name }) => name).sort()).toEqual(plantedBugs.map(({ name }) => name).sort())
  expect(results.filter(({ by }) => by === null)).toEqual([])
  expect(tableInReadme()).toBe(tableOf(results))
})

test.each(plantedBugs.map(({ name, patch }) => [name, patch]))(
  '%s can be planted in the tree as it is',
  (_name, patch) => {
    execFileSync('git', ['apply', '--check', '--whitespace=nowarn', patch], { cwd: root, stdio: 'pipe' })
  },
)
