import type { Audited } from '../books/audit.ts'
import type { Spread } from '../percentiles.ts'
import { tableOf } from '../table.ts'
import type { Verdict } from './verdict.ts'

/** The verdict for people. */
export function reportOf(verdict: Verdict): string {
  const { visits, accepted, abandoned, orders, refused, unknown } = verdict
  const rows = [
    ...entries(orders, ''),
    ['abandoned baskets', abandoned] as const,
    ...entries(refused, 'refused: '),
    ...entries(unknown, 'no answer: '),
  ]
  return [
    `${visits} visits, ${accepted} checkouts accepted`,
    tableOf(['what became of them', 'count'], rows),
    tableOf(
      ['milliseconds', 'p50', 'p95', 'p99', 'max', 'count'],
      [spreadRow('checkout answered', verdict.checkoutMs), spreadRow('accepted to Paid', verdict.toPaidMs)],
    ),
    booksReport(verdict.checks),
  ].join('\n')
}

const MOST_SHOWN = 20

/** One line a book, and below it what is wrong. */
export function booksReport(checks: readonly Audited[]): string {
  const lines = checks.flatMap(({ title, findings }) => [
    `${findings.length === 0 ? 'ok   ' : 'WRONG'} ${title}${findings.length > 0 ? ` (${findings.length} findings)` : ''}`,
    ...findings.slice(0, MOST_SHOWN).map(({ says, orderIds }) => `        ${[...orderIds, says].join(' ')}`),
    ...(findings.length > MOST_SHOWN ? [`        … and ${findings.length - MOST_SHOWN} more: --json shows all`] : []),
  ])
  const wrong = checks.filter(({ findings }) => findings.length > 0).length
  return [
    ...lines,
    wrong === 0 ? 'The books balance.' : `The books do NOT balance: ${wrong} of ${checks.length}.`,
  ].join('\n')
}

function entries(counts: Readonly<Record<string, number>>, prefix: string): (readonly [string, number])[] {
  return Object.entries(counts).map(([name, count]) => [`${prefix}${name}`, count] as const)
}

function spreadRow(name: string, { p50, p95, p99, max, count }: Spread): (string | number)[] {
  return [name, ...[p50, p95, p99, max].map((value) => (value === undefined ? '-' : value.toFixed(0))), count]
}
