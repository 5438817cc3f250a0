import { describe, expect, test } from 'vitest'
import { integrityFiles, type Part, stagesOf } from './parts.ts'
import { isRight, outcomeOf, summaryOf } from './summary.ts'

test('every file of the long suite is in one part, and every part has one', () => {
  const files = integrityFiles()
  const parts = stagesOf(files).flat(2)
  expect(parts.flatMap((part) => part.files).sort()).toEqual(files)
  expect(parts.filter((part) => part.files.length === 0)).toEqual([])
  expect(files.length).toBeGreaterThan(8)
})

test('a file that no part claims is run all the same', () => {
  expect(stagesOf(['analytics/new.integrity.test.ts']).flat(2).at(-1)).toEqual({
    name: 'others',
    files: ['analytics/new.integrity.test.ts'],
  })
})

describe('the summary', () => {
  const part: Part = { name: 'crash', files: ['x'] }
  const report = (...statuses: string[]) =>
    JSON.stringify({ testResults: [{ assertionResults: statuses.map((status) => ({ status })) }] })

  test('counts what passed, failed and did not run, with the time', () => {
    const outcome = outcomeOf(part, report('passed', 'failed', 'pending'), 1, 125.4)
    expect(outcome).toMatchObject({ passed: 1, failed: 1, skipped: 1 })
    expect(isRight(outcome)).toBe(false)
    expect(summaryOf([outcome], 200)).toMatch(
      /^FAILED crash +1 passed +1 failed +1 skipped +2:05 min\nFAILED .*3:20 min$/,
    )
  })

  test.each([
    ['all passed', report('passed'), 0, true],
    ['a file that could not be loaded', report('passed'), 1, false],
    ['nothing ran', report(), 0, false],
    ['no report', undefined, 137, false],
  ])('%s', (_name, text, code, right) => {
    expect(isRight(outcomeOf(part, text, code, 1))).toBe(right)
  })
})
