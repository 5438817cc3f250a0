import { SUBJECT_PARTS } from './against/subject-name.ts'
import { isArray, isObject, type Json, type JsonObject } from './avro/json.ts'
import { isMode, MODES, type Mode } from './compat/modes.ts'
import { type Config, DEFAULTS, type Override, type RuleLevels, type Suppression } from './config.ts'
import { BadUsage } from './errors.ts'
import { type RuleId, ruleOf } from './rules/catalogue.ts'

const KNOWN = [
  '$schema',
  'paths',
  'exclude',
  'mode',
  'subject',
  'against',
  'lock',
  'history',
  'map',
  'sensitive',
  'enumDefault',
  'rules',
  'overrides',
  'suppress',
]
const LEVELS = ['error', 'warning', 'off']
const DAY = /^\d{4}-\d{2}-\d{2}$/

/** Makes a config of the file's content. Throws BadUsage with every bad field at once. */
export function readConfigFields(json: Json, file: string): Config {
  const problems: string[] = []
  const read = new FieldReader(problems)
  const object = read.object(json, 'the config', KNOWN)
  const config: Config = {
    paths: read.strings(object, 'paths') ?? DEFAULTS.paths,
    exclude: read.strings(object, 'exclude') ?? DEFAULTS.exclude,
    mode: read.mode(object, '') ?? DEFAULTS.mode,
    subject: read.subject(object) ?? DEFAULTS.subject,
    lock: read.string(object, 'lock') ?? DEFAULTS.lock,
    history: read.oneOf(object, 'history', ['all', 'first-parent'] as const) ?? DEFAULTS.history,
    ...optional('against', read.string(object, 'against')),
    ...optional('map', read.string(object, 'map')),
    ...optional('enumDefault', read.string(object, 'enumDefault')),
    sensitive: read.sensitive(object.sensitive),
    rules: read.rules(object.rules, 'rules'),
    overrides: read.list(object, 'overrides').map((each, index) => read.override(each, `overrides[${index}]`)),
    suppress: read.list(object, 'suppress').map((each, index) => read.suppression(each, `suppress[${index}]`)),
  }
  if (problems.length > 0)
    throw new BadUsage('BAD_CONFIG', `is no good config:\n${problems.map((one) => `  - ${one}`).join('\n')}`, {
      path: file,
    })
  return config
}

class FieldReader {
  readonly #problems: string[]

  constructor(problems: string[]) {
    this.#problems = problems
  }

  object(json: Json | undefined, where: string, known: readonly string[]): JsonObject {
    if (!isObject(json)) {
      this.#problems.push(`${where} must be an object`)
      return {}
    }
    for (const key of Object.keys(json)) {
      if (!known.includes(key))
        this.#problems.push(
          `${where} has no field "${key}"; it has ${known.filter((one) => one !== '$schema').join(', ')}`,
        )
    }
    return json
  }

  string(object: JsonObject, key: string, where = ''): string | undefined {
    const value = object[key]
    if (value === undefined) return undefined
    if (typeof value === 'string' && value.trim() !== '') return value
    this.#problems.push(`${where}${key} must be a text that is not empty`)
    return undefined
  }

  required(object: JsonObject, key: string, where: string): string {
    if (object[key] === undefined) this.#problems.push(`${where}.${key} is missing`)
    return this.string(object, key, `${where}.`) ?? ''
  }

  strings(object: JsonObject, key: string): readonly string[] | undefined {
    const value = object[key]
    if (value === undefined) return undefined
    if (isArray(value) && value.every((item) => typeof item === 'string')) return value
    this.#problems.push(`${key} must be an array of texts`)
    return undefined
  }

  list(object: JsonObject, key: string): readonly Json[] {
    const value = object[key] ?? []
    if (isArray(value)) return value
    this.#problems.push(`${key} must be an array`)
    return []
  }

  oneOf<T extends string>(object: JsonObject, key: string, values: readonly T[]): T | undefined {
    const value = this.string(object, key)
    const found = values.find((one) => one === value)
    if (value !== undefined && found === undefined) this.#problems.push(`${key} must be one of ${values.join(', ')}`)
    return found
  }

  mode(object: JsonObject, where: string): Mode | undefined {
    const value = this.string(object, 'mode', where)
    if (value === undefined || isMode(value)) return value
    this.#problems.push(`${where}mode must be one of ${MODES.join(', ')}`)
    return undefined
  }

  subject(object: JsonObject): string | undefined {
    const template = this.string(object, 'subject')
    for (const [whole, part] of template?.matchAll(/\{(\w*)\}/g) ?? []) {
      if (!(SUBJECT_PARTS as readonly (string | undefined)[]).includes(part))
        this.#problems.push(`subject knows no ${whole}; it knows ${SUBJECT_PARTS.map((one) => `{${one}}`).join(', ')}`)
    }
    return template
  }

  sensitive(json: Json | undefined): Config['sensitive'] {
    if (json === undefined) return DEFAULTS.sensitive
    const object = this.object(json, 'sensitive', ['property', 'names'])
    const names = (this.strings(object, 'names') ?? []).flatMap((pattern) => {
      try {
        return [new RegExp(pattern, 'i')]
      } catch {
        this.#problems.push(`sensitive.names: ${JSON.stringify(pattern)} is no regular expression`)
        return []
      }
    })
    return { property: this.string(object, 'property', 'sensitive.') ?? DEFAULTS.sensitive.property, names }
  }

  rules(json: Json | undefined, where: string): RuleLevels {
    if (json === undefined) return {}
    if (!isObject(json)) {
      this.#problems.push(`${where} must be an object of rules and levels`)
      return {}
    }
    for (const [id, level] of Object.entries(json)) {
      if (ruleOf(id)?.id !== id) this.#problems.push(`${where}: there is no rule ${id}`)
      if (typeof level !== 'string' || !LEVELS.includes(level))
        this.#problems.push(`${where}.${id} must be one of ${LEVELS.join(', ')}`)
    }
    return json as RuleLevels
  }

  override(json: Json, where: string): Override {
    const object = this.object(json, where, ['match', 'mode', 'rules'])
    return {
      match: this.required(object, 'match', where),
      ...optional('mode', this.mode(object, `${where}.`)),
      rules: this.rules(object.rules, `${where}.rules`),
    }
  }

  suppression(json: Json, where: string): Suppression {
    const object = this.object(json, where, ['rule', 'place', 'reason', 'expires'])
    const rule = this.required(object, 'rule', where)
    if (rule !== '' && ruleOf(rule)?.id !== rule) this.#problems.push(`${where}: there is no rule ${rule}`)
    const expires = this.string(object, 'expires', `${where}.`)
    if (expires !== undefined && (!DAY.test(expires) || Number.isNaN(Date.parse(expires))))
      this.#problems.push(`${where}.expires must be a day, YYYY-MM-DD`)
    return {
      rule: rule as RuleId,
      place: this.required(object, 'place', where),
      reason: this.required(object, 'reason', where),
      ...optional('expires', expires),
    }
  }
}

function optional<K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } {
  return (value === undefined ? {} : { [key]: value }) as { readonly [P in K]?: V }
}
