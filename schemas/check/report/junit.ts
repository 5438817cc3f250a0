import type { CheckReport } from '../check.ts'
import { type Finding, placeOf } from '../finding.ts'
import { explanation, plural } from './sentence.ts'

/**
 * JUnit XML as Jenkins reads it: a test case per schema. All its errors stand in one failure, as readers show no more than the first; warnings
 * stand in its output.
 */
export function junit({ findings, subjects, where }: CheckReport): string {
  const bySubject = new Map<string, Finding[]>(subjects.map(({ subject }) => [subject, []]))
  for (const finding of findings) bySubject.set(finding.subject, [...(bySubject.get(finding.subject) ?? []), finding])
  const errors = [...bySubject.values()].filter((found) => found.some(({ level }) => level === 'error')).length
  const cases = [...bySubject].map(([subject, found]) => testCase(subject, found)).join('')
  const name = attribute(`schema compatibility with ${where}`)
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="${bySubject.size}" failures="${errors}" errors="0">
  <testsuite name="${name}" tests="${bySubject.size}" failures="${errors}" errors="0" skipped="0">
${cases}  </testsuite>
</testsuites>
`
}

function testCase(subject: string, findings: readonly Finding[]): string {
  const head = `    <testcase classname="schemas" name="${attribute(subject)}"`
  if (findings.length === 0) return `${head}/>\n`
  const errors = findings.filter(({ level }) => level === 'error')
  const warnings = findings.filter(({ level }) => level === 'warning').map(inWords)
  const out = warnings.length === 0 ? '' : `      <system-out>${escaped(warnings.join('\n'))}</system-out>\n`
  return `${head}>\n${errors.length === 0 ? '' : failure(errors)}${out}    </testcase>\n`
}

function failure(errors: readonly Finding[]): string {
  const [first] = errors
  const messages = errors.map((finding) => `${placeOf(finding)}: ${finding.message}`)
  const message = attribute(`${errors.length > 1 ? `${plural(errors.length, 'error')}: ` : ''}${messages.join('; ')}`)
  const text = escaped(errors.map(inWords).join('\n'))
  return `      <failure type="${first?.rule}" message="${message}">${text}</failure>\n`
}

function inWords(finding: Finding): string {
  return `${finding.path}:${finding.line}:${finding.column}: ${finding.rule} ${placeOf(finding)}: ${explanation(finding)}`
}

function attribute(text: string): string {
  return escaped(text).replaceAll('"', '&quot;').replace(/\s+/g, ' ')
}

/** Characters that XML 1.0 has no place for become a replacement character. */
function escaped(text: string): string {
  return [...text]
    .map((char) => (isXmlChar(char.codePointAt(0) ?? 0) ? char : '\ufffd'))
    .join('')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
}

function isXmlChar(code: number): boolean {
  if (code < 0x20) return code === 0x9 || code === 0xa || code === 0xd
  return code <= 0xd7ff || (code >= 0xe000 && code <= 0xfffd) || code >= 0x10000
}
