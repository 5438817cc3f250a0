import type { Break } from '../finding.ts'
import type { RuleId } from './catalogue.ts'

/** Who breaks, in the words of a finding: which readers, on which versions, with which data. */
export function whoBreaks(rule: RuleId, versions: readonly Break[]): string {
  const forward = labels(versions, 'FORWARD')
  const backward = labels(versions, 'BACKWARD')
  const parts = [
    ...(forward === '' ? [] : [`readers still on ${forward} fail on new data`]),
    ...(backward === '' ? [] : [`readers of the new version fail on data of ${backward}`]),
  ]
  if (parts.length > 0) return parts.join('; ')
  return WHO[rule]?.(labels(versions)) ?? ''
}

const WHO: Readonly<Partial<Record<RuleId, (versions: string) => string>>> = {
  LOGICAL_TYPE_CHANGED: (versions) =>
    `readers on ${versions} and on the new version take each other's values for something else`,
  DECIMAL_SCALE_CHANGED: (versions) =>
    `readers on ${versions} and on the new version read each other's amounts wrong by powers of ten`,
  DECIMAL_PRECISION_CHANGED: (versions) =>
    `readers and stores on ${versions} and on the new version differ in the digits they hold`,
  NAMESPACE_CHANGED: (versions) =>
    `readers that match full names (avsc, unions in Java) fail between ${versions} and the new version; the registry lets it pass`,
  DEFAULT_CHANGED: (versions) => `data without the value reads differently with ${versions} and with the new version`,
  FIELD_RENAMED_WITHOUT_ALIAS: (versions) => `readers of the new version lose the value in data of ${versions}`,
  ENUM_SYMBOL_REMOVED: (versions) => `readers of the new version no longer tell the symbol in data of ${versions}`,
  ENUM_SYMBOLS_REORDERED: (versions) =>
    `sort order, and whoever stores the number, differ between ${versions} and the new version`,
  SENSITIVE_MARK_REMOVED: () => 'nobody fails, but the value begins to appear in logs and listings',
  KEY_FIELD_TYPE_CHANGED: (versions) => `order per key is lost between data of ${versions} and new data`,
  SCHEMA_REMOVED: () => 'consumers that still read it, and replays',
  HISTORY_UNREADABLE: () => 'nothing can be told about data written with it',
  ENUM_WITHOUT_DEFAULT: () => 'the first added symbol would break every older reader',
  UNION_DEFAULT_NOT_FIRST: () => 'avsc, Python and Java before 1.12 refuse the schema',
  NOT_PORTABLE: () => 'runtimes other than Java refuse the schema or read it differently',
  DOC_MISSING: () => 'whoever has to guess what it means',
  SENSITIVE_FIELD_UNMARKED: () => 'nobody fails, but the value stays readable in topics and logs',
  EVENT_WITHOUT_TOPIC: () => 'it can be neither published nor read',
  KEY_FIELD_MISSING: () => 'the producer fails when it publishes',
}

/** `v1-v3, v5` for what holds in one direction, or in any. */
export function labels(versions: readonly Break[], direction?: Break['direction']): string {
  const chosen = versions.filter((each) => direction === undefined || each.direction === direction)
  return ranges([...new Set(chosen.map(({ version }) => version))])
}

/** Neighbours in a list of versions as ranges: v1, v2, v3, v5 is `v1-v3, v5`. */
export function ranges(names: readonly string[]): string {
  const numbers = names.map((name) => Number(name.slice(1)))
  const parts: string[] = []
  let start = 0
  for (let i = 0; i < numbers.length; i++) {
    if (numbers[i + 1] === (numbers[i] ?? 0) + 1) continue
    parts.push(start === i ? `${names[i]}` : `${names[start]}-${names[i]}`)
    start = i + 1
  }
  return parts.join(', ')
}
