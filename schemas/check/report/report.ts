import { relative, resolve, sep } from 'node:path'
import type { CheckReport } from '../check.ts'
import type { Finding } from '../finding.ts'

export const FORMATS = ['text', 'json', 'junit', 'github', 'gitlab', 'sarif', 'markdown'] as const
export type Format = (typeof FORMATS)[number]

export interface ReportOptions {
  /** Colours, for a terminal. */
  readonly color: boolean
  readonly cwd?: string
  /** The folder from which GitHub, GitLab and code scanning name files, where the command runs below it. */
  readonly workspace?: string
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
      return (await import('./github.ts')).github(fromWorkspace(report, options))
    case 'gitlab':
      return (await import('./gitlab.ts')).gitlab(fromWorkspace(report, options))
    case 'sarif':
      return (await import('./sarif.ts')).sarif(fromWorkspace(report, options))
    case 'markdown':
      return (await import('./markdown.ts')).markdown(report)
  }
}

/** The same report with paths from the workspace's top. Unchanged where the command runs elsewhere. */
function fromWorkspace(report: CheckReport, { cwd, workspace }: ReportOptions): CheckReport {
  if (cwd === undefined || workspace === undefined || relative(workspace, cwd).startsWith('..')) return report
  const moved = (finding: Finding): Finding => ({
    ...finding,
    path: relative(workspace, resolve(cwd, finding.path)).split(sep).join('/'),
  })
  return { ...report, findings: report.findings.map(moved), suppressed: report.suppressed.map(moved) }
}

export interface Counts {
  readonly errors: number
  readonly warnings: number
}

export function countsOf(findings: readonly Finding[]): Counts {
  const errors = findings.filter(({ level }) => level === 'error').length
  return { errors, warnings: findings.length - errors }
}
