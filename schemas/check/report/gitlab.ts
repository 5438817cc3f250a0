import type { CheckReport } from '../check.ts'
import { identity } from './identity.ts'
import { sentence } from './sentence.ts'

/** GitLab's code quality report: a JSON array that the merge request shows. */
export function gitlab({ findings }: CheckReport): string {
  const issues = findings.map((finding) => ({
    description: sentence(finding),
    check_name: finding.rule,
    fingerprint: identity(finding),
    severity: finding.level === 'error' ? 'major' : 'minor',
    location: { path: finding.path, lines: { begin: finding.line } },
  }))
  return `${JSON.stringify(issues, null, 2)}\n`
}
