import type { Subject } from './against/version.ts'
import type { Break, Finding, Level, Observation } from './finding.ts'
import type { Observed } from './judge.ts'
import { whoBreaks } from './rules/who-breaks.ts'

/** One problem, and every version it shows against. */
interface Group {
  readonly observation: Observation
  readonly versions: readonly Break[]
  readonly stoodIn: Finding['stoodIn']
}

/**
 * Makes findings of observations: the same problem against several versions, or in both directions, is one finding that names them all.
 * Where what it points at is gone, the place is that of the newest version that had it.
 */
export function findingsOf(
  subject: Pick<Subject, 'name' | 'source' | 'imports'>,
  observed: readonly Observed[],
  levelOf: (rule: Finding['rule']) => Level | 'off',
): readonly Finding[] {
  const groups = new Map<string, Group>()
  for (const { observation, version } of observed) {
    const key = `${observation.rule} ${observation.field} ${observation.message}`
    const known = groups.get(key)
    const versions = version === undefined ? [] : [breakOf(observation, version.label)]
    const isHere = observation.place.source === subject.source || subject.imports.includes(observation.place.source)
    const stoodIn =
      isHere || version === undefined ? undefined : { version: version.label, path: observation.place.source.path }
    groups.set(key, { observation, versions: [...(known?.versions ?? []), ...versions], stoodIn })
  }
  return [...groups.values()].flatMap(({ observation, versions, stoodIn }) => {
    const level = levelOf(observation.rule)
    if (level === 'off') return []
    const { rule, place, field, message, fix } = observation
    return {
      rule,
      level,
      path: stoodIn === undefined ? place.source.path : subject.source.path,
      ...place.source.positionOf(place.pointer),
      subject: subject.name,
      field,
      message,
      breaks: observation.breaks ?? whoBreaks(rule, versions),
      fix,
      versions,
      ...(stoodIn === undefined ? {} : { stoodIn }),
    }
  })
}

function breakOf({ direction, avro }: Observation, version: string): Break {
  return { version, ...(direction === undefined ? {} : { direction }), ...avro }
}

/** By file, then by place, errors first, then by rule: the same order on every machine. */
export function inOrder(findings: readonly Finding[]): readonly Finding[] {
  return [...findings].sort(
    (a, b) =>
      compare(a.path, b.path) ||
      a.line - b.line ||
      a.column - b.column ||
      compare(a.level, b.level) ||
      compare(a.rule, b.rule) ||
      compare(a.message, b.message),
  )
}

function compare(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
