import { type Evidence, type Finding, INVARIANTS, type InvariantName } from './evidence.ts'
import { invariants } from './invariants.ts'
import { storyOf } from './story.ts'

const MOST_SHOWN = 5
const MOST_STORIES = 3

/** One line per invariant with its count; below it what breaks it, and at the end the whole history of the first orders in question. */
export function reportOf(findings: readonly Finding[], evidence: Evidence): string {
  const lines = INVARIANTS.flatMap((name) => {
    const some = findings.filter(({ invariant }) => invariant === name)
    const promise = invariants.find((one) => one.name === name)?.promise ?? ''
    return [
      `${some.length === 0 ? 'ok   ' : 'WRONG'} ${name.padEnd(22)} ${String(some.length).padStart(4)}  ${promise}`,
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

/** How many findings each invariant has: 0 nine times, or something is broken. */
export function countsOf(findings: readonly Finding[]): Record<InvariantName, number> {
  return Object.fromEntries(
    INVARIANTS.map((name) => [name, findings.filter(({ invariant }) => invariant === name).length]),
  ) as Record<InvariantName, number>
}
