import { isSame, parseVersion, type Subject, type Version } from './against/version.ts'
import type { Schema } from './avro/schema.ts'
import { explain } from './compat/explain.ts'
import { type DeployOrder, deployOrder, directionsOf, type Mode, versionsOf } from './compat/modes.ts'
import { incompatibilities } from './compat/reference.ts'
import { CheckError } from './errors.ts'
import type { Observation } from './finding.ts'
import { changesBetween } from './rules/changes.ts'
import { type FlowMapData, keyChanges } from './rules/flow-map.ts'

/** What one older version and the new one make of each other. `undefined` when the older one cannot be parsed. */
export interface VersionVerdict {
  readonly version: Version
  /** The new schema reads what this version wrote. */
  readonly canReadOld: boolean | undefined
  /** This version reads what the new schema writes. */
  readonly oldCanRead: boolean | undefined
}

/** An observation and the version it was made against. */
export interface Observed {
  readonly observation: Observation
  readonly version?: Version
}

/** What became of a schema since the newest version of the history. */
export type Status = 'new' | 'unchanged' | 'changed'

export interface Judgement {
  readonly status: Status
  readonly observed: readonly Observed[]
  readonly verdicts: readonly VersionVerdict[]
  readonly deploy: DeployOrder
}

export interface JudgeOptions {
  readonly mode: Mode
  readonly sensitiveProperty: string
  readonly map: FlowMapData | undefined
}

/** Compares a schema with every version that the mode asks about. Nothing stops at the first break. */
export function judge(subject: Subject, history: readonly Version[], options: JudgeOptions): Judgement {
  const latest = history.at(-1)
  const observed: Observed[] = []
  const verdicts: VersionVerdict[] = []
  for (const version of versionsOf(options.mode, history)) {
    if (isSame(version, subject)) {
      verdicts.push({ version, canReadOld: true, oldCanRead: true })
      continue
    }
    const old = parseVersion(version)
    if (old instanceof CheckError) {
      observed.push({ version, observation: unreadable(subject, version, old) })
      verdicts.push({ version, canReadOld: undefined, oldCanRead: undefined })
      continue
    }
    const pair = judgePair(subject.parsed.root, old.root, version === latest, options)
    observed.push(...pair.observations.map((observation) => ({ observation, version })))
    verdicts.push({ version, canReadOld: pair.canReadOld, oldCanRead: pair.oldCanRead })
  }
  const deploy = deployOrder(
    verdicts.every(({ canReadOld }) => canReadOld !== false),
    verdicts.every(({ oldCanRead }) => oldCanRead !== false),
  )
  return { status: statusOf(latest, subject), observed, verdicts, deploy }
}

function statusOf(latest: Version | undefined, subject: Subject): Status {
  if (latest === undefined) return 'new'
  return isSame(latest, subject) ? 'unchanged' : 'changed'
}

/** One pair: the reference both ways, of which only the mode's directions are told, and the rules beyond it. */
export function judgePair(now: Schema, old: Schema, isLatest: boolean, options: JudgeOptions) {
  const backward = incompatibilities(now, old)
  const forward = incompatibilities(old, now)
  const observations: Observation[] = []
  for (const direction of directionsOf(options.mode)) {
    const found = direction === 'BACKWARD' ? backward : forward
    if (found.length > 0) observations.push(...explain(found, direction))
  }
  for (const { matters, observation } of changesBetween(now, old, options.sensitiveProperty)) {
    if (matters === 'always' || isLatest) observations.push(observation)
  }
  if (options.map !== undefined) observations.push(...keyChanges(options.map, now, old))
  return { observations, canReadOld: backward.length === 0, oldCanRead: forward.length === 0 }
}

function unreadable(subject: Subject, version: Version, error: CheckError): Observation {
  return {
    rule: 'HISTORY_UNREADABLE',
    place: { source: subject.source, pointer: '' },
    field: '',
    message: `${version.label} (${version.origin}) is no Avro schema: ${error.message.replace(/\.$/, '')}`,
    fix: 'if it was never used, suppress this with the reason',
  }
}
