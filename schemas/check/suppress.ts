import type { Source } from './avro/source.ts'
import type { Suppression } from './config.ts'
import { type Finding, placeOf } from './finding.ts'
import { globMatcher } from './glob.ts'

export interface SuppressionRun {
  readonly findings: readonly Finding[]
  readonly suppressed: readonly Finding[]
  /** One for each entry by its index: how many findings it held back. */
  readonly used: readonly number[]
}

/**
 * Takes out what somebody wrote an exception for. An expired entry holds nothing back.
 * @param pathOf a finding's path as the patterns see it
 */
export function applySuppressions(
  findings: readonly Finding[],
  entries: readonly Suppression[],
  today: string,
  pathOf: (path: string) => string = (path) => path,
): SuppressionRun {
  const matchers = entries.map((entry) => ({ entry, matches: globMatcher(entry.place) }))
  const used = entries.map(() => 0)
  const suppressed = new Set<Finding>()
  for (const finding of findings) {
    matchers.forEach(({ entry, matches }, index) => {
      if (entry.rule !== finding.rule || isExpired(entry, today)) return
      if (![placeOf(finding), finding.subject, pathOf(finding.path)].some(matches)) return
      used[index] = (used[index] ?? 0) + 1
      suppressed.add(finding)
    })
  }
  return { findings: findings.filter((finding) => !suppressed.has(finding)), suppressed: [...suppressed], used }
}

export function isExpired({ expires }: Suppression, today: string): boolean {
  return expires !== undefined && expires < today
}

/**
 * What is wrong with the entries themselves. When only some of the paths were checked, an entry for none of them is left alone.
 * @param isInRun whether an entry's place is among what this run checked
 */
export function suppressionFindings(
  entries: readonly Suppression[],
  used: readonly number[],
  today: string,
  config: Source,
  isInRun: (place: string) => boolean,
): readonly Finding[] {
  return entries.flatMap((entry, index): Finding[] => {
    const common = {
      level: 'error' as const,
      path: config.path,
      ...config.positionOf(`/suppress/${index}`),
      subject: entry.place,
      field: '',
      versions: [],
    }
    if (isExpired(entry, today)) {
      const message = `the suppression of ${entry.rule} expired on ${entry.expires} ("${entry.reason}")`
      return [
        {
          ...common,
          rule: 'SUPPRESSION_EXPIRED',
          message,
          breaks: 'what it held back is reported again',
          fix: 'mend what it held back, or renew the date with a reason',
        },
      ]
    }
    if (used[index] !== 0 || !isInRun(entry.place)) return []
    const message = `the suppression of ${entry.rule} holds nothing back`
    return [
      {
        ...common,
        rule: 'SUPPRESSION_UNUSED',
        message,
        breaks: 'left there it would hide a later break',
        fix: 'remove the entry',
      },
    ]
  })
}
