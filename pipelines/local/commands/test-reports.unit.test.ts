import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { mergeReports, skippedTests } from './test-reports.ts'

function folder() {
  const path = mkdtempSync(join(tmpdir(), 'eshop-reports-'))
  onTestFinished(() => rmSync(path, { recursive: true }))
  return (name: string) => join(path, name)
}

const report = (success: boolean, ...tests: [fullName: string, status: string][]) =>
  JSON.stringify({
    success,
    testResults: [{ assertionResults: tests.map(([fullName, status]) => ({ fullName, status })) }],
  })

test('several reports become one, successful only if all are', () => {
  const at = folder()
  writeFileSync(at('a'), report(true, ['one', 'passed']))
  writeFileSync(at('b'), report(true, ['two', 'skipped']))
  writeFileSync(at('c'), report(false, ['three', 'failed']))
  mergeReports([at('a'), at('b')], at('good'))
  mergeReports([at('a'), at('c')], at('bad'))
  expect(JSON.parse(readFileSync(at('good'), 'utf8'))).toMatchObject({ success: true, testResults: { length: 2 } })
  expect(JSON.parse(readFileSync(at('bad'), 'utf8')).success).toBe(false)
  expect(skippedTests(at('good'))).toEqual(['two'])
})

test('a run without a report makes the whole unsuccessful', () => {
  const at = folder()
  writeFileSync(at('a'), report(true, ['one', 'passed']))
  mergeReports([at('a'), at('missing')], at('whole'))
  expect(JSON.parse(readFileSync(at('whole'), 'utf8')).success).toBe(false)
})
