import { CheckError } from '../errors.ts'
import { isValidDefault } from './defaults.ts'
import { isArray, isObject, type Json, type JsonObject } from './json.ts'
import { fullNameOf, isLegalName, isLegalNamespace, referenced } from './names.ts'
import { definitionText } from './redefinition.ts'
import {
  type EnumSchema,
  extrasOf,
  Field,
  isNamed,
  logicalOf,
  type NamedSchema,
  PRIMITIVES,
  type PrimitiveType,
  type RecordSchema,
  type Schema,
  type UnionSchema,
} from './schema.ts'
import type { Source } from './source.ts'

export interface ParseOptions {
  /** Finds a named type that another file defines. */
  readonly imported?: (fullName: string) => NamedSchema | undefined
  /**
   * Whether a default must fit its type, as Java's parser has it since 1.9. Off for history: what older parsers let pass may have been
   * used, and must not be taken for never written. Default true.
   */
  readonly validateDefaults?: boolean
}

export interface ParsedSchema {
  readonly source: Source
  readonly root: Schema
  /** Every named type the file defines, by full name. */
  readonly named: ReadonlyMap<string, NamedSchema>
  /** What Java lets pass and others refuse, as only the parser sees it. */
  readonly oddities: readonly Oddity[]
}

export interface Oddity {
  readonly pointer: string
  readonly message: string
  readonly fix: string
}

/** A name that stands before its definition, and how to put the type in its place. */
interface Forward {
  readonly name: string
  readonly fullName: string
  readonly pointer: string
  readonly replace: (schema: Schema) => void
}

const PRIMITIVE_NAMES: ReadonlySet<string> = new Set(PRIMITIVES)
const ORDERS = new Set(['ascending', 'descending', 'ignore'])
const MAX_FIXED = 2 ** 31 - 1

/** Parses one .avsc file by the rules of the Java reference (Apache Avro 1.12). Throws BadSchema with line and column. */
export function parseSchema(source: Source, options: ParseOptions = {}): ParsedSchema {
  return new Parser(source, options).parse()
}

class Parser {
  readonly #source: Source
  readonly #options: ParseOptions
  readonly #named = new Map<string, NamedSchema>()
  readonly #rawOf = new Map<NamedSchema, JsonObject>()
  readonly #oddities: Oddity[] = []
  /** Types that ended before this place: as in Java, only those are found without the namespace around. */
  readonly #complete = new Set<string>()
  /** Records in which a type was named that had not ended: Java does not take them for the same when they come again. */
  readonly #open = new Set<string>()
  /** Names used before their definition, or of other files: settled at the end, in order. */
  readonly #forward: Forward[] = []
  /** What can be judged only when all names are known. */
  readonly #unions: UnionSchema[] = []
  readonly #primitives = new Map<string, Schema>()
  readonly #defaulted: Field[] = []

  constructor(source: Source, options: ParseOptions) {
    this.#source = source
    this.#options = options
  }

  parse(): ParsedSchema {
    const root = this.#schema(this.#source.json(), '', '', () => {})
    // 1. Types of other files are there before any default is looked at, as if their file had been read first.
    for (const each of this.#forward) if (!this.#named.has(each.fullName)) each.replace(this.#imported(each))
    // 2. Those that this file defines later are not yet: Java takes each for an empty record here, which few defaults fit.
    this.#checkDefaults()
    // 3. Now everything is known, and what fitted an empty record has to fit the type as well.
    for (const each of this.#forward) this.#settle(each)
    if (this.#forward.length > 0) this.#checkDefaults()
    for (const union of this.#unions) this.#checkUnion(union)
    return { source: this.#source, root, named: this.#named, oddities: this.#oddities }
  }

  #base(pointer: string, json?: JsonObject) {
    const logical = json === undefined ? undefined : logicalOf(json)
    return { source: this.#source, pointer, logical, extras: json === undefined ? undefined : extrasOf(json) }
  }

  #fail(message: string, pointer: string, hint?: string, code = 'NOT_AVRO'): never {
    throw this.#source.error(code, message, pointer, hint)
  }

  /** `replace` puts a schema found later in the place of the one returned now. */
  #schema(json: Json | undefined, pointer: string, namespace: string, replace: (schema: Schema) => void): Schema {
    if (typeof json === 'string') return this.#reference(json, pointer, namespace, replace)
    if (isArray(json)) return this.#union(json, pointer, namespace)
    if (!isObject(json)) this.#fail('a schema is a name, an object or an array of schemas.', pointer)
    const type = json.type
    if (typeof type !== 'string')
      this.#fail('a schema needs a "type" that is a string.', pointer, 'Write {"type": "string", …}.')
    switch (type) {
      case 'record':
      case 'error':
        return this.#record(json, pointer, namespace)
      case 'enum':
        return this.#enum(json, pointer, namespace)
      case 'fixed':
        return this.#fixed(json, pointer, namespace)
      case 'array': {
        if (json.items === undefined) this.#fail('an array needs "items".', pointer)
        const at = `${pointer}/items`
        const array = { type: 'array' as const, ...this.#base(pointer, json), items: UNSET }
        array.items = this.#schema(json.items, at, namespace, (schema) => {
          array.items = schema
        })
        return array
      }
      case 'map': {
        if (json.values === undefined) this.#fail('a map needs "values".', pointer)
        const at = `${pointer}/values`
        const map = { type: 'map' as const, ...this.#base(pointer, json), values: UNSET }
        map.values = this.#schema(json.values, at, namespace, (schema) => {
          map.values = schema
        })
        return map
      }
      default:
        if (!PRIMITIVE_NAMES.has(type)) return this.#reference(type, `${pointer}/type`, namespace, replace)
        return this.#primitive(type as PrimitiveType, pointer, json)
    }
  }

  #reference(name: string, pointer: string, namespace: string, replace: (schema: Schema) => void): Schema {
    if (PRIMITIVE_NAMES.has(name)) return this.#primitive(name as PrimitiveType, pointer)
    const fullName = referenced(name, namespace)
    const known = this.#named.get(fullName)
    if (known !== undefined && this.#complete.has(fullName)) return known
    const outside = this.#complete.has(name) ? this.#named.get(name) : undefined
    if (outside !== undefined) {
      const message = `${name} has no namespace and is referred to from within the namespace ${namespace}`
      this.#oddities.push({ pointer, message, fix: 'put both into one namespace' })
      return outside
    }
    for (const around of this.#named.keys()) if (!this.#complete.has(around)) this.#open.add(around)
    if (known !== undefined) return known // the record around this place
    this.#forward.push({ name, fullName, pointer, replace })
    return { ...UNSET, source: this.#source, pointer }
  }

  /**
   * A primitive without marks is one object for all of a definition, as there are many. That of a field has no pointer: it stands where the
   * field does.
   */
  #primitive(type: PrimitiveType, pointer: string, json: JsonObject = NO_PROPERTIES): Schema {
    const schema: Schema = { type, ...this.#base(pointer, json) }
    if (this.#named.size === 0 || schema.extras !== undefined) return schema
    const { name = '', precision = '', scale = '' } = schema.logical ?? {}
    const key = `${type} ${name} ${precision} ${scale} ${pointer === ''}`
    const known = this.#primitives.get(key) ?? schema
    this.#primitives.set(key, known)
    return known
  }

  #imported({ name, fullName, pointer }: Forward): NamedSchema {
    const found = this.#options.imported?.(fullName) ?? this.#options.imported?.(name)
    if (found !== undefined) return found
    this.#fail(
      `no type is named ${JSON.stringify(fullName)}.`,
      pointer,
      'Define it in this file or in another one that is checked along, or mend the name.',
      'UNKNOWN_NAME',
    )
  }

  #settle({ fullName, pointer, replace }: Forward): void {
    const later = this.#named.get(fullName)
    if (later === undefined) return
    this.#oddities.push({
      pointer,
      message: `${fullName} is used before its definition`,
      fix: 'define it where it is used first',
    })
    replace(later)
  }

  #union(json: readonly Json[], pointer: string, namespace: string): Schema {
    const branches: Schema[] = json.map((branch, index) =>
      this.#schema(branch, `${pointer}/${index}`, namespace, (schema) => {
        branches[index] = schema
      }),
    )
    const union: UnionSchema = { type: 'union', ...this.#base(pointer), branches }
    this.#unions.push(union)
    return union
  }

  #record(json: JsonObject, pointer: string, namespace: string): Schema {
    const names = this.#names(json, pointer, namespace)
    const fields = json.fields
    if (!isArray(fields)) this.#fail(`record ${names.fullName} needs an array of "fields".`, pointer)
    const record: RecordSchema = { type: 'record', ...names, fields: [] }
    this.#define(record, json)
    const taken = new Set<string>()
    fields.forEach((field, index) => {
      this.#field(record, field, index, taken)
    })
    this.#complete.add(record.fullName)
    return record
  }

  #field(record: RecordSchema, json: Json, index: number, taken: Set<string>): void {
    const pointer = `${record.pointer}/fields/${index}`
    if (!isObject(json)) this.#fail('a field is an object.', pointer)
    const name = json.name
    if (typeof name !== 'string') this.#fail('a field needs a "name".', pointer)
    if (!isLegalName(name)) this.#fail(`${JSON.stringify(name)} is no legal field name.`, `${pointer}/name`, NAME_HINT)
    if (taken.has(name))
      this.#fail(
        `record ${record.fullName} has the field ${JSON.stringify(name)} twice.`,
        `${pointer}/name`,
        undefined,
        'DUPLICATE_NAME',
      )
    if (json.type === undefined) this.#fail(`the field ${name} needs a "type".`, pointer)
    const order = json.order
    if (order !== undefined && !(typeof order === 'string' && ORDERS.has(order.toLowerCase())))
      this.#fail('"order" is ascending, descending or ignore.', `${pointer}/order`)
    taken.add(name)
    const field = new Field(record, index, name, this.#aliases(json, pointer), json, UNSET)
    const put = (schema: Schema) => {
      field.schema = schema
    }
    put(this.#schema(json.type, isPrimitive(json.type) ? '' : `${pointer}/type`, record.namespace, put))
    record.fields.push(field)
    if (field.default !== undefined) this.#defaulted.push(field)
  }

  #enum(json: JsonObject, pointer: string, namespace: string): Schema {
    const names = this.#names(json, pointer, namespace)
    const symbols = json.symbols
    if (!isArray(symbols)) this.#fail(`enum ${names.fullName} needs an array of "symbols".`, pointer)
    const seen = new Set<string>()
    symbols.forEach((symbol, index) => {
      const at = `${pointer}/symbols/${index}`
      if (typeof symbol !== 'string' || !isLegalName(symbol))
        this.#fail(`${JSON.stringify(symbol)} is no legal enum symbol.`, at, NAME_HINT)
      if (seen.has(symbol))
        this.#fail(`enum ${names.fullName} has the symbol ${symbol} twice.`, at, undefined, 'DUPLICATE_NAME')
      seen.add(symbol)
    })
    const fallback = typeof json.default === 'string' ? json.default : undefined
    if (fallback !== undefined && !seen.has(fallback))
      this.#fail(
        `the default ${JSON.stringify(fallback)} of enum ${names.fullName} is none of its symbols.`,
        `${pointer}/default`,
      )
    const schema: EnumSchema = { type: 'enum', ...names, symbols: [...seen], default: fallback }
    this.#define(schema, json)
    return schema
  }

  #fixed(json: JsonObject, pointer: string, namespace: string): Schema {
    const names = this.#names(json, pointer, namespace)
    const size = json.size
    if (!Number.isInteger(size) || (size as number) < 0 || (size as number) > MAX_FIXED)
      this.#fail(`fixed ${names.fullName} needs a "size" in bytes.`, pointer)
    const schema = { type: 'fixed' as const, ...names, size: size as number }
    this.#define(schema, json)
    return schema
  }

  #names(json: JsonObject, pointer: string, around: string) {
    const { name } = json
    if (typeof name !== 'string') this.#fail(`this ${json.type} needs a "name".`, pointer)
    const names = fullNameOf(name, typeof json.namespace === 'string' ? json.namespace : around)
    if (!isLegalName(names.name)) this.#fail(`${JSON.stringify(name)} is no legal name.`, `${pointer}/name`, NAME_HINT)
    if (!isLegalNamespace(names.namespace))
      this.#fail(`${JSON.stringify(names.namespace)} is no legal namespace.`, `${pointer}/namespace`, NAME_HINT)
    if (PRIMITIVE_NAMES.has(names.fullName))
      this.#fail(`a type cannot be called ${names.fullName} as a primitive is.`, `${pointer}/name`)
    const aliases = this.#aliases(json, pointer).map((alias) => aliasOf(alias, names.namespace))
    return { ...names, aliases, doc: typeof json.doc === 'string' ? json.doc : undefined, ...this.#base(pointer, json) }
  }

  #aliases(json: JsonObject, pointer: string): readonly string[] {
    const { aliases } = json
    if (aliases === undefined) return NO_ALIASES
    if (!isArray(aliases) || !aliases.every((alias) => typeof alias === 'string'))
      this.#fail('"aliases" is an array of strings.', `${pointer}/aliases`)
    return [...new Set(aliases)]
  }

  /** Registers a named type. One that only repeats the first stays where it stands, as in Java; its name means the first. */
  #define(schema: NamedSchema, json: JsonObject): void {
    const known = this.#named.get(schema.fullName)
    if (known === undefined) {
      this.#named.set(schema.fullName, schema)
      this.#rawOf.set(schema, json)
      if (schema.type !== 'record') this.#complete.add(schema.fullName)
      return
    }
    const before = this.#rawOf.get(known) ?? {}
    const isClosed = this.#complete.has(schema.fullName) && !this.#open.has(schema.fullName)
    if (isClosed && definitionText(before, schema.fullName) === definitionText(json, schema.fullName)) {
      this.#oddities.push({
        pointer: `${schema.pointer}/name`,
        message: `${schema.fullName} is defined a second time with the same content`,
        fix: 'refer to the first definition by its name',
      })
      return
    }
    const first = this.#source.positionOf(known.pointer)
    this.#fail(
      `the name ${schema.fullName} is defined twice, first at line ${first.line}.`,
      `${schema.pointer}/name`,
      'Rename one, or refer to the first by its name.',
      'DUPLICATE_NAME',
    )
  }

  #checkUnion(union: UnionSchema): void {
    const seen = new Set<string>()
    union.branches.forEach((branch, index) => {
      const at = `${union.pointer}/${index}`
      if (branch.type === 'union') this.#fail('a union cannot hold a union.', at)
      const name = isNamed(branch) ? branch.fullName : branch.type
      if (seen.has(name)) this.#fail(`a union cannot hold ${name} twice.`, at)
      seen.add(name)
    })
  }

  #checkDefaults(): void {
    if (this.#options.validateDefaults !== false) for (const field of this.#defaulted) this.#checkDefault(field)
  }

  #checkDefault(field: Field): void {
    const { schema, default: value } = field
    const isReal = schema.type === 'float' || schema.type === 'double'
    if (isReal && typeof value === 'string' && JAVA_DOUBLE.test(value)) return
    if (isValidDefault(schema, value)) return
    this.#fail(
      `the default of ${field.name} does not fit its type ${schema.type}.`,
      `${field.pointer}/default`,
      'Give a default of that type, or remove it.',
      'BAD_DEFAULT',
    )
  }
}

function isPrimitive(json: Json): boolean {
  const type = isObject(json) ? json.type : json
  return typeof type === 'string' && PRIMITIVE_NAMES.has(type)
}

const NAME_HINT = 'Names hold letters, digits and _, and do not begin with a digit.'
const NO_PROPERTIES: JsonObject = {}
const NO_ALIASES: readonly string[] = []
const JAVA_DOUBLE = /^\s*[+-]?(?:NaN|Infinity|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[fFdD]?)\s*$/

/** Stands in a place until the schema for it is known; never seen outside the parser. */
const UNSET = {
  type: 'record',
  fields: [],
  source: undefined,
  pointer: '',
  logical: undefined,
  extras: undefined,
} as unknown as Schema

function aliasOf(alias: string, namespace: string): string {
  if (alias.startsWith('.')) return namespace === '' ? alias.slice(1) : alias // as Java: in a namespace it equals no full name
  return fullNameOf(alias, namespace).fullName
}

/** Parses, and tells instead of throwing. */
export function tryParse(source: Source, options: ParseOptions = {}): ParsedSchema | CheckError {
  try {
    return parseSchema(source, options)
  } catch (error) {
    if (error instanceof CheckError) return error
    throw error
  }
}
