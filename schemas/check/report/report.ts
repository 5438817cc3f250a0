import type { CheckReport } from '../check.ts'
import type { Finding } from '../finding.ts'

export const FORMATS = ['text', 'json', 'junit', 'github', 'gitlab', 'sarif', 'markdown'] as const
export type Format = (typeof FORMATS)[number]

export interface ReportOptions {
  /** Colours, for a terminal. */
  readonly color: boolean
}

/** Makes a report in one of the formats. Only the one asked for is loaded. */
export async function render(report: CheckReport, format: Format, options: ReportOptions): Promise<string> {
  switch (format) {
    case 'text':
      return (await import('./text.ts')).text(report, options)
    case 'json':
      return (await import('./json.ts')).json(report)
    case 'junit':
      return (await import('./junit.ts')).junit(report)
    case 'github':
      return (await import('./github.ts')).github(report)
    case 'gitlab':
      return (await import('./gitlab.ts')).gitlab(report)
    case 'sarif':
      return (await import('./sarif.ts')).sarif(report)
    case 'markdown':
      return (await import('./markdown.ts')).markdown(report)
  }
}

export interface Counts {
  readonly errors: number
  readonly warnings: number
}

export function countsOf(findings: readonly Finding[]): Counts {
  const errors = findings.filter(({ level }) => level === 'error').length
  return { errors, warnings: findings.length - errors }
}
