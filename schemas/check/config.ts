import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { normalize } from 'node:path/posix'
import { DEFAULT_SUBJECT } from './against/subject-name.ts'
import { type Json, JsonSyntaxError, readJson } from './avro/json.ts'
import { Source } from './avro/source.ts'
import type { Mode } from './compat/modes.ts'
import { readConfigFields } from './config-fields.ts'
import { BadUsage } from './errors.ts'
import type { Level } from './finding.ts'
import { globMatcher } from './glob.ts'
import type { RuleId } from './rules/catalogue.ts'
import type { FlowMapData } from './rules/flow-map.ts'

/** The name of the config file that is looked for from the first path upwards. */
export const CONFIG_FILE = 'schema-check.json'

/** Levels by rule; a rule that is not named has its own. */
export type RuleLevels = Readonly<Partial<Record<RuleId, Level | 'off'>>>

/** Another mode or other levels for some subjects or paths. The last that matches wins. */
export interface Override {
  /** Pattern on the subject or the path. */
  readonly match: string
  readonly mode?: Mode
  readonly rules?: RuleLevels
}

/** An exception that somebody wrote down. */
export interface Suppression {
  readonly rule: RuleId
  /** Pattern on `subject.field`, `subject` or the path. */
  readonly place: string
  readonly reason: string
  /** Last day it counts, `YYYY-MM-DD`. */
  readonly expires?: string
}

export interface Config {
  /** What is checked when no path is given. Relative to the config file. */
  readonly paths: readonly string[]
  /** Patterns on files that are left out. A file that is named on the command line is never left out. */
  readonly exclude: readonly string[]
  readonly mode: Mode
  /** How subjects are named; see `subjectName`. */
  readonly subject: string
  /** What is compared against when `--against` is not given. */
  readonly against?: string
  /** The lock file. */
  readonly lock: string
  /** git history: every commit, or only what the main line had. */
  readonly history: 'all' | 'first-parent'
  /** A JSON file with the flow map, for those who have no program to give it. */
  readonly map?: string
  readonly sensitive: { readonly property: string; readonly names: readonly RegExp[] }
  /** The symbol every enum has to have as its default, where one is asked for. */
  readonly enumDefault?: string
  readonly rules: RuleLevels
  readonly overrides: readonly Override[]
  readonly suppress: readonly Suppression[]
}

export const DEFAULTS: Config = {
  paths: ['.'],
  exclude: [],
  mode: 'FULL_TRANSITIVE',
  subject: DEFAULT_SUBJECT,
  lock: 'schema-check.lock.json',
  history: 'all',
  sensitive: { property: 'x-sensitive', names: [] },
  rules: {},
  overrides: [],
  suppress: [],
}

/** A config, and the folder that its paths and patterns are relative to. */
export interface LoadedConfig {
  readonly config: Config
  readonly folder: string
  /** The working folder as seen from there, with forward slashes; '' where both are the same. */
  readonly prefix?: string
  /** The file, if there is one. */
  readonly file?: string
}

/**
 * Reads the config file that was named, or the nearest `schema-check.json` from the first path upwards, or `otherwise`, or takes the defaults. Throws BadUsage
 * that tells everything wrong in the file at once.
 */
export function loadConfig(
  named: string | undefined,
  paths: readonly string[],
  cwd: string,
  otherwise?: string,
): LoadedConfig {
  const file = named === undefined ? (nearest(resolve(cwd, paths[0] ?? '.')) ?? otherwise) : resolve(cwd, named)
  if (file === undefined) return { config: DEFAULTS, folder: cwd, prefix: '' }
  if (!existsSync(file)) throw new BadUsage('NO_CONFIG', `there is no config file ${named ?? file}.`)
  const folder = dirname(file)
  const prefix = relative(folder, cwd).split(sep).join('/')
  return { config: readConfigFields(readJsonFile(file), file), folder, prefix, file }
}

/** A path of the working folder as the config's patterns see it: the same from wherever the command runs. */
export function pathInConfig({ prefix = '' }: LoadedConfig, path: string): string {
  return normalize(`${prefix}/${path}`).replace(/^\//, '')
}

/** Which files the config leaves out. */
export function excluded(loaded: LoadedConfig): (path: string) => boolean {
  const matchers = loaded.config.exclude.map(globMatcher)
  return (path) => matchers.length > 0 && matchers.some((matches) => matches(pathInConfig(loaded, path)))
}

/** Reads a JSON file that the config names: the flow map. */
export function readFlowMap(path: string): FlowMapData {
  if (!existsSync(path))
    throw new BadUsage('NO_MAP', `there is no flow map ${path}.`, { hint: 'Mend "map" in the config.' })
  const json = readJsonFile(path) as unknown as Partial<FlowMapData>
  if (typeof json?.topics !== 'object')
    throw new BadUsage('BAD_MAP', `${path} is no flow map.`, {
      hint: 'It is {"topics": {"orders": {"events": ["shop.Order"], "key": "orderId"}}}.',
    })
  return json as FlowMapData
}

function readJsonFile(file: string): Json {
  const text = readFileSync(file, 'utf8')
  try {
    return readJson(text)
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error
    const { line, column } = new Source(file, text).positionAt(error.offset)
    throw new BadUsage('BAD_CONFIG', `is not JSON: ${error.message}.`, { path: file, line, column })
  }
}

function nearest(from: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, CONFIG_FILE)
    if (existsSync(candidate)) return candidate
    if (dirname(folder) === folder) return undefined
  }
}
