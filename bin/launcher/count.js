/**
 * `node count.js CHECKS TESTS`: prints `N passed, N failed` from the report of `eshop check` and vitest's own. A report that is missing or cannot be read is
 * a failure: whatever should have written it broke. Exit code 1 if anything failed or nothing ran.
 */
import { readFileSync } from 'node:fs'

const [checksFile, testsFile] = process.argv.slice(2)
let passed = 0
let failed = 0

const checks = read(checksFile)?.checks
if (checks) for (const { ok } of checks) ok ? passed++ : failed++
else failed++

const tests = read(testsFile)
if (tests) {
  for (const { status, assertionResults } of tests.testResults) {
    const count = (wanted) => assertionResults.filter((one) => one.status === wanted).length
    passed += count('passed')
    failed += count('failed')
    if (status === 'failed' && count('failed') === 0) failed++ // the file broke before or between its tests
  }
  // Something outside of all tests: an unhandled error, a setup. And a run without any test has proved nothing.
  if ((!tests.success && failed === 0) || tests.testResults.length === 0) failed++
} else failed++

console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed > 0 || passed === 0 ? 1 : 0

function read(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}
