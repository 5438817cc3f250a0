import type { CheckReport } from '../check.ts'
import { type Finding, placeOf } from '../finding.ts'
import type { ReportOptions } from './report.ts'
import { explanation, oneLine } from './sentence.ts'

/** One line per finding, as compilers print them: editors and people can jump to it. */
export function text({ findings }: CheckReport, { color }: ReportOptions): string {
  const paint = color ? COLORS : PLAIN
  return findings.map((finding) => `${line(finding, paint)}\n`).join('')
}

function line(finding: Finding, paint: Paint): string {
  const level = finding.level === 'error' ? paint.error('ERROR') : paint.warning('WARNING')
  const where = paint.place(`${finding.path}:${finding.line}:${finding.column}:`)
  return oneLine(`${where} ${level} ${finding.rule} ${paint.bold(placeOf(finding))}: ${explanation(finding)}`)
}

type Paint = Readonly<Record<'error' | 'warning' | 'place' | 'bold', (text: string) => string>>

const PLAIN: Paint = { error: same, warning: same, place: same, bold: same }
const COLORS: Paint = { error: sgr(31), warning: sgr(33), place: sgr(2), bold: sgr(1) }

function same(text: string): string {
  return text
}

function sgr(code: number): (text: string) => string {
  return (text) => `\u001b[${code}m${text}\u001b[0m`
}
