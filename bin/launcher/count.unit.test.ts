import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startProcess } from '#pipelines/testing/process.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'eshop-count-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const file = (status: string, ...tests: string[]) => ({
  status,
  assertionResults: tests.map((one) => ({ status: one })),
})
const good = { checks: [{ ok: true }, { ok: true }] }

async function count(checks: unknown, tests: unknown) {
  const files = { 'checks.json': checks, 'tests.json': tests }
  for (const [name, content] of Object.entries(files))
    if (content !== undefined) writeFileSync(join(folder, name), JSON.stringify(content))
  const running = startProcess(['bin/launcher/count.js', ...Object.keys(files).map((name) => join(folder, name))])
  const { code } = await running.exited
  return `${running.output().trim()}, exit ${code}`
}

test.each([
  [
    'all well',
    good,
    { success: true, testResults: [file('passed', 'passed', 'passed', 'skipped')] },
    '4 passed, 0 failed, exit 0',
  ],
  [
    'a failed test',
    good,
    { success: false, testResults: [file('failed', 'passed', 'failed')] },
    '3 passed, 1 failed, exit 1',
  ],
  [
    'a file that broke before its tests',
    good,
    { success: false, testResults: [file('failed')] },
    '2 passed, 1 failed, exit 1',
  ],
  [
    'an error outside of all tests',
    good,
    { success: false, testResults: [file('passed', 'passed')] },
    '3 passed, 1 failed, exit 1',
  ],
  [
    'a failed check',
    { checks: [{ ok: false }] },
    { success: true, testResults: [file('passed', 'passed')] },
    '1 passed, 1 failed, exit 1',
  ],
  ['no tests', good, { success: true, testResults: [] }, '2 passed, 1 failed, exit 1'],
  ['no report of the tests', good, undefined, '2 passed, 1 failed, exit 1'],
  ['no report at all', undefined, undefined, '0 passed, 2 failed, exit 1'],
])('%s', async (_case, checks, tests, expected) => {
  expect(await count(checks, tests)).toBe(expected)
})
