import { type Evidence, type Finding, INVARIANTS, type InvariantName } from './evidence.ts'
import { invariants } from './invariants.ts'
import { storyOf } from './story.ts'

const MOST_SHOWN = 5
const MOST_STORIES = 3

export interface ReportStyle {
  /** Columns that a line may have; longer promises go on below themselves. Default: as long as they are. */
  readonly width?: number | undefined
  readonly good: (text: string) => string
  readonly bad: (text: string) => string
}

const PLAIN: ReportStyle = { good: (text) => text, bad: (text) => text }
const PROMISE_AT = 'WRONG '.length + 22 + 1 + 4 + 2

/** One line per invariant with its count; below it what breaks it, and at the end the whole history of the first orders in question. */
export function reportOf(findings: readonly Finding[], evidence: Evidence, style: ReportStyle = PLAIN): string {
  const lines = INVARIANTS.flatMap((name) => {
    const some = findings.filter(({ invariant }) => invariant === name)
    const promise = invariants.find((one) => one.name === name)?.promise ?? ''
    return [
      `${some.length === 0 ? style.good('ok   ') : style.bad('WRONG')} ${name.padEnd(22)} ${String(some.length).padStart(4)}  ${wrapped(promise, style.width)}`,
      ...some.slice(0, MOST_SHOWN).map(({ orderId, says }) => `        ${orderId ? `${orderId}: ` : ''}${says}`),
      ...(some.length > MOST_SHOWN ? [`        … and ${some.length - MOST_SHOWN} more`] : []),
    ]
  })
  const inQuestion = [...new Set(findings.flatMap(({ orderId }) => (orderId ? [orderId] : [])))].slice(0, MOST_STORIES)
  const stories = inQuestion.flatMap((orderId) => [
    '',
    `History of ${orderId}:`,
    ...storyOf(orderId, evidence).map((line) => `  ${line}`),
  ])
  return [...lines, ...stories].join('\n')
}

/** Broken between words, each further line where the first began. */
function wrapped(text: string, width = Number.POSITIVE_INFINITY): string {
  const most = Math.max(20, width - PROMISE_AT)
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= most) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines.join(`\n${' '.repeat(PROMISE_AT)}`)
}

/** How many findings each invariant has: 0 nine times, or something is broken. */
export function countsOf(findings: readonly Finding[]): Record<InvariantName, number> {
  return Object.fromEntries(
    INVARIANTS.map((name) => [name, findings.filter(({ invariant }) => invariant === name).length]),
  ) as Record<InvariantName, number>
}
