import type { CheckReport } from '../check.ts'
import type { Finding } from '../finding.ts'
import { sentence } from './sentence.ts'

/** Workflow commands of GitHub Actions: each becomes an annotation at its line in the pull request. */
export function github({ findings }: CheckReport): string {
  return findings.map((finding) => `${command(finding)}\n`).join('')
}

function command(finding: Finding): string {
  const { level, path, line, column, rule } = finding
  const place = `file=${property(path)},line=${line},col=${column},title=${property(rule)}`
  return `::${level} ${place}::${data(sentence(finding))}`
}

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}
