import type { Part } from './parts.ts'

export interface PartOutcome {
  readonly part: Part
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  readonly seconds: number
  /** Vitest's exit code: not 0 also when a file could not be loaded, or it was ended. */
  readonly code: number
}

interface VitestReport {
  readonly testResults: readonly { readonly assertionResults: readonly { readonly status: string }[] }[]
}

/** What became of a part, by vitest's JSON report of it; a report that is missing counts no test, and its exit code tells. */
export function outcomeOf(part: Part, report: string | undefined, code: number, seconds: number): PartOutcome {
  const { testResults = [] } = report === undefined ? {} : (JSON.parse(report) as Partial<VitestReport>)
  const statuses = testResults.flatMap(({ assertionResults }) => assertionResults.map(({ status }) => status))
  const count = (wanted: string) => statuses.filter((status) => status === wanted).length
  const [passed, failed] = [count('passed'), count('failed')]
  return { part, passed, failed, skipped: statuses.length - passed - failed, seconds, code }
}

export function isRight({ passed, failed, code }: PartOutcome): boolean {
  return code === 0 && failed === 0 && passed > 0
}

/** A line per part, and one for all. */
export function summaryOf(outcomes: readonly PartOutcome[], seconds: number): string {
  const line = (name: string, right: boolean, one: Omit<PartOutcome, 'part' | 'code'>) =>
    [
      `${right ? 'ok    ' : 'FAILED'} ${name.padEnd(34)} ${String(one.passed).padStart(3)} passed`,
      `${String(one.failed).padStart(3)} failed`,
      ...(one.skipped > 0 ? [`${one.skipped} skipped`] : []),
      clockOf(one.seconds).padStart(8),
    ].join('  ')
  const sum = (of: (one: PartOutcome) => number) => outcomes.reduce((total, one) => total + of(one), 0)
  const all = {
    ...{ passed: sum((one) => one.passed), failed: sum((one) => one.failed), skipped: sum((one) => one.skipped) },
    seconds,
  }
  return [
    ...outcomes.map((one) => line(one.part.name, isRight(one), one)),
    line('test:integrity', outcomes.every(isRight), all),
  ].join('\n')
}

function clockOf(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(Math.round(seconds) % 60).padStart(2, '0')} min`
}
