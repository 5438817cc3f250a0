import { relative, resolve } from 'node:path'
import { readSources, subjectsOf, touched } from './against/files.ts'
import { readSource } from './against/schema-files.ts'
import type { Against, Gone, History, Subject } from './against/version.ts'
import type { Source } from './avro/source.ts'
import { type DeployOrder, isTransitive, type Mode } from './compat/modes.ts'
import { type Config, excluded, type LoadedConfig, pathInConfig, type RuleLevels, readFlowMap } from './config.ts'
import { BadUsage } from './errors.ts'
import type { Finding, Level } from './finding.ts'
import { globMatcher } from './glob.ts'
import { findingsOf, inOrder } from './group.ts'
import { type Judgement, judge, type Observed, type Status, type VersionVerdict } from './judge.ts'
import { RULES, type RuleId } from './rules/catalogue.ts'
import { checkAgainstMap, type FlowMapData } from './rules/flow-map.ts'
import { lint } from './rules/lint.ts'
import { applySuppressions, suppressionFindings } from './suppress.ts'

export interface CheckRequest {
  readonly loaded: LoadedConfig
  /** What to check; the config's paths when empty. Relative to `cwd`. */
  readonly paths: readonly string[]
  readonly against: Against
  readonly cwd: string
  /** Wins over every mode in the config. */
  readonly mode?: Mode
  readonly map?: FlowMapData
  /** Look only at files that differ from the git ref, and at those that take types from them. */
  readonly onlyChanged?: boolean
  /** `YYYY-MM-DD`, for what expires. */
  readonly today: string
}

export interface SubjectReport {
  readonly subject: string
  readonly path: string
  readonly mode: Mode
  readonly status: Status
  readonly versions: number
  readonly verdicts: readonly VersionVerdict[]
  readonly deploy: DeployOrder
}

/** All that a check found, for every report. */
export interface CheckReport {
  /** What was compared against, for people. */
  readonly where: string
  /** Something about the whole that people should know. */
  readonly note?: string
  readonly findings: readonly Finding[]
  readonly suppressed: readonly Finding[]
  readonly subjects: readonly SubjectReport[]
}

/** Checks schemas against a history by a config. Throws CheckError where something cannot be judged. */
export async function check(request: CheckRequest): Promise<CheckReport> {
  const { loaded, cwd } = request
  const { config } = loaded
  const leavesOut = excluded(loaded)
  const sources = readSources(pathsOf(request), cwd, leavesOut)
  const checked = request.onlyChanged === true ? await changedOf(sources, request.against) : sources
  const subjects = subjectsOf(checked, sources, config.subject)
  const modes = new Map(subjects.map((subject) => [subject, request.mode ?? settingsOf(loaded, subject).mode]))
  const needsAll = [...modes.values()].some(isTransitive)
  const all = await request.against.load(subjects, needsAll, othersOf(sources, checked))
  const history = { ...all, gone: all.gone.filter(({ version }) => !leavesOut(version.source.path)) }
  const map = request.map ?? (config.map === undefined ? undefined : readFlowMap(resolve(loaded.folder, config.map)))
  const shared = new Set(subjects.flatMap(({ imports }) => imports))

  const findings: Finding[] = history.gone.flatMap((gone) => removed(gone, loaded))
  const reports: SubjectReport[] = []
  for (const subject of subjects) {
    const mode = modes.get(subject) ?? config.mode
    const versions = history.versions.get(subject) ?? []
    const judged = judge(subject, versions, { mode, sensitiveProperty: config.sensitive.property, map })
    const own = ownObservations(subject, config, shared.has(subject.source) ? undefined : map)
    const levels = settingsOf(loaded, subject).rules
    findings.push(...findingsOf(subject, [...own, ...judged.observed], (rule) => levels[rule] ?? defaultLevel(rule)))
    reports.push(reportOf(subject, mode, versions.length, judged))
  }
  const { where, note } = history
  return {
    where,
    ...(note === undefined ? {} : { note }),
    subjects: reports,
    ...suppressedOf(findings, request, subjects, history),
  }
}

async function changedOf(sources: readonly Source[], against: Against): Promise<readonly Source[]> {
  if (against.changed === undefined) throw new BadUsage('NOT_GIT', '--changed needs a git ref to compare with.')
  return touched(sources, await against.changed(sources.map(({ path }) => path)))
}

function othersOf(sources: readonly Source[], checked: readonly Source[]): readonly string[] {
  const known = new Set(checked)
  return sources.filter((source) => !known.has(source)).map(({ path }) => path)
}

function pathsOf({ loaded, paths, cwd }: CheckRequest): readonly string[] {
  if (paths.length > 0) return paths
  return loaded.config.paths.map((path) => relative(cwd, resolve(loaded.folder, path)) || '.')
}

/** Mode and levels of a subject: the config's, changed by every override that matches, in order. */
export function settingsOf(
  loaded: LoadedConfig,
  subject: Pick<Subject, 'name' | 'source'>,
): { readonly mode: Mode; readonly rules: RuleLevels } {
  const { config } = loaded
  let { mode, rules } = config
  for (const override of config.overrides) {
    const matches = globMatcher(override.match)
    if (!matches(subject.name) && !matches(pathInConfig(loaded, subject.source.path))) continue
    mode = override.mode ?? mode
    rules = { ...rules, ...override.rules }
  }
  return { mode, rules }
}

function ownObservations(subject: Subject, config: Config, map: FlowMapData | undefined): readonly Observed[] {
  const options = {
    sensitiveProperty: config.sensitive.property,
    sensitiveNames: config.sensitive.names,
    ...(config.enumDefault === undefined ? {} : { enumDefault: config.enumDefault }),
  }
  const mapped = map === undefined ? [] : checkAgainstMap(map, subject.parsed.root)
  return [...lint(subject.parsed, options), ...mapped].map((observation) => ({ observation }))
}

function removed({ name, version }: Gone, loaded: LoadedConfig): readonly Finding[] {
  const subject = { name, source: version.source, imports: [] }
  const observation = {
    rule: 'SCHEMA_REMOVED' as const,
    place: { source: version.source, pointer: '' },
    field: '',
    message: `the schema is gone, it was there in ${version.origin}`,
    fix: 'put the file back until its topic is deleted',
  }
  const levels = settingsOf(loaded, subject).rules
  return findingsOf(subject, [{ observation }], (rule) => levels[rule] ?? defaultLevel(rule))
}

function suppressedOf(
  findings: readonly Finding[],
  request: CheckRequest,
  subjects: readonly Subject[],
  history: History,
) {
  const { loaded, today, paths, cwd } = request
  const entries = loaded.config.suppress
  const pathOf = (path: string) => pathInConfig(loaded, path)
  const run = applySuppressions(findings, entries, today, pathOf)
  if (loaded.file === undefined) return { findings: inOrder(run.findings), suppressed: run.suppressed }
  const names = [
    ...subjects.map(({ name }) => name),
    ...history.gone.map(({ name }) => name),
    ...subjects.map(({ source }) => pathOf(source.path)),
  ]
  const isInRun = (place: string) =>
    (paths.length === 0 && request.onlyChanged !== true) ||
    names.some((name) => place.startsWith(name) || globMatcher(place)(name))
  const about = suppressionFindings(entries, run.used, today, readSource(loaded.file, cwd), isInRun)
  const kept = about.flatMap((finding) => {
    const level = loaded.config.rules[finding.rule] ?? finding.level
    return level === 'off' ? [] : [{ ...finding, level }]
  })
  return { findings: inOrder([...run.findings, ...kept]), suppressed: run.suppressed }
}

function reportOf({ name, source }: Subject, mode: Mode, versions: number, judged: Judgement): SubjectReport {
  const { status, verdicts, deploy } = judged
  return { subject: name, path: source.path, mode, status, versions, verdicts, deploy }
}

const LEVELS: ReadonlyMap<RuleId, Level> = new Map(RULES.map(({ id, level }) => [id, level]))

function defaultLevel(rule: RuleId): Level {
  return LEVELS.get(rule) ?? 'error'
}
