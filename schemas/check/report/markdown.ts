import type { CheckReport, SubjectReport } from '../check.ts'
import { type Finding, placeOf } from '../finding.ts'
import { countsOf } from './report.ts'
import { oneLine, plural } from './sentence.ts'

/** For a pull request: what was found, which version reads which, and who must be deployed first. */
export function markdown(report: CheckReport): string {
  const { findings, subjects, where, suppressed } = report
  const { errors, warnings } = countsOf(findings)
  const changed = subjects.filter(isWorthATable)
  const fresh = subjects.filter(({ status }) => status === 'new')
  const parts = [
    '## Schema compatibility',
    `${plural(subjects.length, 'schema')} against \`${where}\`: **${plural(errors, 'error')}**, ${plural(warnings, 'warning')}, ${suppressed.length} suppressed.`,
    ...(findings.length === 0 ? [] : [findingTable(findings)]),
    ...changed.map(matrix),
    ...(fresh.length === 0 ? [] : [`New: ${fresh.map(({ subject }) => `\`${subject}\``).join(', ')}.`]),
  ]
  return `${parts.join('\n\n')}\n`
}

function findingTable(findings: readonly Finding[]): string {
  const rows = findings.map((finding) => {
    const { level, rule, path, line, message, breaks, fix } = finding
    const cells = [
      level === 'error' ? '❌' : '⚠️',
      `\`${rule}\``,
      `\`${placeOf(finding)}\`<br>${path}:${line}`,
      message,
      breaks,
      fix,
    ]
    return row(cells)
  })
  return [
    row(['', 'Rule', 'Where', 'What changed', 'Who breaks', 'Fix']),
    row(['-', '-', '-', '-', '-', '-']),
    ...rows,
  ].join('\n')
}

/** Versions x readers: both questions that a deployment asks, for every version. */
function matrix({ subject, mode, verdicts, deploy }: SubjectReport): string {
  const rows = verdicts.map(({ version, canReadOld, oldCanRead }) =>
    row([`${version.label} (${version.origin})`, mark(canReadOld), mark(oldCanRead)]),
  )
  const head = [row(['Version', 'new readers, its data', 'its readers, new data']), row(['-', ':-:', ':-:'])]
  return [`### \`${subject}\` (${mode})`, [...head, ...rows].join('\n'), `Deploy first: **${deploy}**.`].join('\n\n')
}

/** A schema that did not change and that all its versions take is not worth a table. */
function isWorthATable({ status, verdicts }: SubjectReport): boolean {
  return verdicts.some(
    ({ canReadOld, oldCanRead }) => status === 'changed' || canReadOld !== true || oldCanRead !== true,
  )
}

function mark(verdict: boolean | undefined): string {
  if (verdict === undefined) return 'unknown'
  return verdict ? '✅' : '❌'
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => oneLine(cell).replaceAll('|', '\\|')).join(' | ')} |`
}
