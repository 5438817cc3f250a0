import { isValidDefault, portabilityProblem } from '../avro/defaults.ts'
import { isPortableName } from '../avro/names.ts'
import type { ParsedSchema } from '../avro/parse.ts'
import { type Field, isNamed, type NamedSchema, type Schema } from '../avro/schema.ts'
import { join, type Stop, walk } from '../avro/walk.ts'
import { atName } from '../compat/explain.ts'
import type { Observation, Place } from '../finding.ts'
import { isMarked, looksSensitive } from './sensitive.ts'

export interface LintOptions {
  /** The schema property that marks what is sensitive. */
  readonly sensitiveProperty: string
  /** Further names that are, as patterns on the field's name. */
  readonly sensitiveNames: readonly RegExp[]
  /** The symbol that every enum's default has to be, if any. */
  readonly enumDefault?: string
}

/** What is wrong with one schema, whatever it was before. Types that another file defines are judged there. */
export function lint(parsed: ParsedSchema, options: LintOptions): readonly Observation[] {
  const found: Observation[] = parsed.oddities.map(({ pointer, message, fix }) =>
    notPortable({ source: parsed.source, pointer }, '', `${message}, which only Java lets pass`, fix),
  )
  walk(parsed.root, (stop) => {
    if (stop.schema.source !== parsed.source) return
    if (isNamed(stop.schema)) aboutName(stop.schema, stop, options, found)
    if (stop.schema.type === 'union' && stop.schema.branches.length === 0) found.push(emptyUnion(stop.schema, stop))
    if (stop.schema.type === 'array' && takesNoBytes(stop.schema.items)) found.push(weightless(stop.schema, stop))
    if (stop.schema.type !== 'record') return
    for (const field of stop.schema.fields) aboutField(field, stop, options, found)
  })
  return found
}

function aboutName(schema: NamedSchema, { path }: Stop, { enumDefault }: LintOptions, found: Observation[]): void {
  const place = { source: schema.source, pointer: `${schema.pointer}/name` }
  if (schema.type !== 'fixed' && isBlank(schema.doc)) {
    found.push({
      rule: 'DOC_MISSING',
      place,
      field: path,
      message: `${schema.type} ${schema.fullName} has no doc`,
      fix: 'add "doc"',
    })
  }
  const names = [...schema.fullName.split('.'), ...(schema.type === 'enum' ? schema.symbols : [])]
  const odd = names.find((name) => !isPortableName(name))
  if (odd !== undefined)
    found.push(notPortable(place, path, `the name ${odd} has letters beyond ASCII`, 'use A-Z, a-z, 0-9 and _'))
  if (schema.type !== 'enum') return
  if (schema.symbols.length === 0)
    found.push(notPortable(place, path, 'an enum without symbols holds no value', 'add a symbol'))
  if (schema.default === undefined) {
    const fix = `add ${JSON.stringify(enumDefault ?? 'UNKNOWN')} to the symbols and "default": ${JSON.stringify(enumDefault ?? 'UNKNOWN')} to the enum`
    found.push({
      rule: 'ENUM_WITHOUT_DEFAULT',
      place,
      field: path,
      message: `enum ${schema.fullName} has no default`,
      fix,
    })
  } else if (enumDefault !== undefined && schema.default !== enumDefault) {
    const message = `default of enum ${schema.fullName} is ${schema.default}, not ${enumDefault}`
    found.push({ rule: 'ENUM_WITHOUT_DEFAULT', place, field: path, message, fix: `make ${enumDefault} the default` })
  }
}

function aboutField(field: Field, { path, fields }: Stop, options: LintOptions, found: Observation[]): void {
  const tell = (rule: Observation['rule'], message: string, fix: string) =>
    found.push({ rule, place: atName(field), field: join(path, field.name), message, fix })
  const { schema, default: value } = field
  if (isBlank(field.doc)) tell('DOC_MISSING', 'field has no doc', 'add "doc": what it is, its unit, when it is absent')
  if (
    looksSensitive(field, options.sensitiveNames) &&
    ![field, ...fields].some((one) => isMarked(one, options.sensitiveProperty))
  ) {
    const fix = `leave it out of the schema, or add "${options.sensitiveProperty}": true`
    tell('SENSITIVE_FIELD_UNMARKED', 'looks like card or secret data and is not marked sensitive', fix)
  }
  if (!isPortableName(field.name))
    tell('NOT_PORTABLE', `the name ${field.name} has letters beyond ASCII`, 'use A-Z, a-z, 0-9 and _')
  if (value === undefined) return
  const first = schema.type === 'union' ? schema.branches[0] : undefined
  if (first !== undefined && !isValidDefault(first, value)) {
    tell(
      'UNION_DEFAULT_NOT_FIRST',
      `the default is not of the union's first branch, ${first.type}`,
      'put the branch of the default first',
    )
    return
  }
  const problem = portabilityProblem(schema, value)
  if (problem !== undefined)
    tell('NOT_PORTABLE', `the default works in Java only: ${problem}`, 'give a default that fits, or none')
}

function emptyUnion(schema: Schema, { path }: Stop): Observation {
  return notPortable(
    { source: schema.source, pointer: schema.pointer },
    path,
    'an empty union holds no value',
    'add a branch',
  )
}

/** Decoders that guard against corrupt counts, ours among them, refuse more items than there are bytes. */
function weightless(schema: Schema, { path }: Stop): Observation {
  const place = { source: schema.source, pointer: schema.pointer }
  return notPortable(
    place,
    path,
    'items that take no bytes: decoders that guard their memory refuse the array',
    'write their number instead',
  )
}

function takesNoBytes(schema: Schema, seen: readonly Schema[] = []): boolean {
  if (schema.type === 'null') return true
  if (schema.type === 'fixed') return schema.size === 0
  if (schema.type !== 'record' || seen.includes(schema)) return false
  return schema.fields.every((field) => takesNoBytes(field.schema, [...seen, schema]))
}

function notPortable(place: Place, field: string, message: string, fix: string): Observation {
  return { rule: 'NOT_PORTABLE', place, field, message, fix }
}

function isBlank(doc: string | undefined): boolean {
  return doc === undefined || doc.trim() === ''
}
