import type { CheckReport, SubjectReport } from '../check.ts'
import { countsOf } from './report.ts'

/** Everything, for programs. The fields are documented in the README and only ever added to. */
export function json({ where, findings, suppressed, subjects }: CheckReport): string {
  const answer = {
    where,
    ...countsOf(findings),
    suppressed: suppressed.length,
    findings,
    subjects: subjects.map(subjectJson),
  }
  return `${JSON.stringify(answer, null, 2)}\n`
}

function subjectJson({ subject, path, mode, status, versions, verdicts, deploy }: SubjectReport) {
  return {
    subject,
    path,
    mode,
    status,
    versions,
    deploy,
    verdicts: verdicts.map(({ version, canReadOld, oldCanRead }) => ({
      version: version.label,
      origin: version.origin,
      canReadOld: canReadOld ?? null,
      oldCanRead: oldCanRead ?? null,
    })),
  }
}
