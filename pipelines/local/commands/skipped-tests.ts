import { readFileSync } from 'node:fs'

interface VitestReport {
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[]
  }[]
}

const RAN = new Set(['passed', 'failed'])

/** Full names of the tests in vitest's JSON report that did not run: each says what it would have needed. Empty without a report. */
export function skippedTests(file: string): readonly string[] {
  let report: VitestReport
  try {
    report = JSON.parse(readFileSync(file, 'utf8')) as VitestReport
  } catch {
    return []
  }
  return report.testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => !RAN.has(status))
    .map(({ fullName }) => fullName)
}
