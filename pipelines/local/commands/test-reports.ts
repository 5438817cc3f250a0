import { readFileSync, writeFileSync } from 'node:fs'

interface VitestReport {
  readonly success: boolean
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[]
  }[]
}

const RAN = new Set(['passed', 'failed'])

/** Full names of the tests in vitest's JSON report that did not run: each says what it would have needed. Empty without a report. */
export function skippedTests(file: string): readonly string[] {
  const report = readReport(file)
  if (!report) return []
  return report.testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => !RAN.has(status))
    .map(({ fullName }) => fullName)
}

/** Makes one report of several. One that is missing (its run broke) leaves the whole unsuccessful. */
export function mergeReports(files: readonly string[], into: string): void {
  const reports = files.map(readReport)
  const success = reports.every((report) => report?.success === true)
  const testResults = reports.flatMap((report) => report?.testResults ?? [])
  writeFileSync(into, JSON.stringify({ success, testResults }))
}

function readReport(file: string): VitestReport | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as VitestReport
  } catch {
    return undefined
  }
}
