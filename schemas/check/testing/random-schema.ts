import type { Random } from './random.ts'

export type Raw = null | boolean | number | string | Raw[] | { [key: string]: Raw }
type RawObject = { [key: string]: Raw }

const PRIMITIVES = ['null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string'] as const
const FIELDS = ['a', 'b', 'c', 'd', 'e'] as const
const NAMES = ['R', 'S', 'T', 'E', 'F'] as const
const SPACES = ['', 'x', 'x.y', 'z'] as const
const SYMBOLS = ['A', 'B', 'C', 'D'] as const
const LOGICAL = [
  ['int', 'date'],
  ['long', 'timestamp-millis'],
  ['long', 'timestamp-micros'],
  ['string', 'uuid'],
] as const

const MAX_DEPTH = 3

/** Makes a random schema with few names, so that two of them often nearly match. */
export function randomSchema(random: Random): Raw {
  return new Maker(random).schema(0, '')
}

/** A random record, as most events are. */
export function randomRecord(random: Random): Raw {
  return new Maker(random).record(0, '')
}

class Maker {
  readonly #random: Random
  /** Kinds of the names that are defined, by full name. */
  readonly #defined: string[] = []
  #count = 0

  constructor(random: Random) {
    this.#random = random
  }

  schema(depth: number, space: string, inUnion = false): Raw {
    const random = this.#random
    const roll = random.below(depth >= MAX_DEPTH ? 6 : 14)
    if (roll < 4) return random.pick(PRIMITIVES)
    if (roll === 4) {
      const [type, logicalType] = random.pick(LOGICAL)
      return { type, logicalType }
    }
    if (roll === 5 && this.#defined.length > 0) return random.pick(this.#defined)
    if (roll === 6) return { type: 'array', items: this.schema(depth + 1, space) }
    if (roll === 7) return { type: 'map', values: this.schema(depth + 1, space) }
    if (roll === 8) return this.enumeration(space)
    if (roll === 9) return this.fixed(space)
    if (roll === 10 || roll === 11) return inUnion ? random.pick(PRIMITIVES) : this.union(depth, space)
    return this.record(depth, space)
  }

  record(depth: number, space: string): Raw {
    const random = this.#random
    const names = this.#names(space)
    this.#defined.push(names.full)
    const fields: Raw[] = []
    for (const name of FIELDS) if (random.chance(0.5)) fields.push(this.field(name, depth, names.space))
    return { type: 'record', ...names.json, fields }
  }

  field(name: string, depth: number, space: string): RawObject {
    const random = this.#random
    const type = this.schema(depth + 1, space)
    const field: RawObject = { name, type }
    const value = random.chance(0.6) ? defaultFor(type, random) : undefined
    if (value !== undefined) field.default = value
    if (random.chance(0.04)) field.aliases = [random.pick(FIELDS)]
    return field
  }

  enumeration(space: string): Raw {
    const random = this.#random
    const names = this.#names(space)
    this.#defined.push(names.full)
    const symbols = SYMBOLS.filter((_, index) => index === 0 || random.chance(0.6))
    return { type: 'enum', ...names.json, symbols, ...(random.chance(0.4) ? { default: random.pick(symbols) } : {}) }
  }

  fixed(space: string): Raw {
    const names = this.#names(space)
    this.#defined.push(names.full)
    return { type: 'fixed', ...names.json, size: this.#random.pick([2, 4]) }
  }

  union(depth: number, space: string): Raw {
    const branches = new Map<string, Raw>()
    const count = 1 + this.#random.below(3)
    for (let i = 0; i < count; i++) {
      const branch = this.schema(depth + 1, space, true)
      branches.set(kindOf(branch), branch)
    }
    return [...branches.values()]
  }

  /** Mostly a fresh name, as a file may define each only once; the pool is small, so two files often share them. */
  #names(space: string): { readonly json: RawObject; readonly full: string; readonly space: string } {
    const random = this.#random
    const count = this.#count++
    const name = `${NAMES[count % NAMES.length]}${count < NAMES.length ? '' : count}`
    const own = random.chance(0.3) ? random.pick(SPACES) : undefined
    const inside = own ?? space
    const json: RawObject = { name, ...(own === undefined ? {} : { namespace: own }) }
    if (random.chance(0.15)) json.aliases = [random.pick([...NAMES, 'x.R', 'z.S', '.T'])]
    return { json, full: inside === '' ? name : `${inside}.${name}`, space: inside }
  }
}

function kindOf(schema: Raw): string {
  if (typeof schema === 'string') return schema
  if (Array.isArray(schema) || schema === null || typeof schema !== 'object') return 'union'
  const type = String(schema.type)
  return type === 'record' || type === 'enum' || type === 'fixed' ? String(schema.name) : type
}

/** A default that fits a type, now and then one that does not. */
export function defaultFor(type: Raw, random: Random): Raw | undefined {
  if (random.chance(0.02)) return random.pick<Raw>([null, 1.5, 'x', {}, [], 2 ** 31])
  if (Array.isArray(type))
    return type[0] === undefined ? undefined : defaultFor(random.chance(0.1) ? random.pick(type) : type[0], random)
  if (typeof type === 'object' && type !== null) {
    switch (type.type) {
      case 'array':
        return []
      case 'map':
        return {}
      case 'enum':
        return (type.symbols as Raw[])[0]
      case 'fixed':
        return 'x'.repeat(random.chance(0.1) ? 3 : (type.size as number))
      case 'record': {
        const value: RawObject = {}
        for (const field of type.fields as RawObject[]) {
          const inner = field.default ?? defaultFor(field.type ?? null, random)
          if (inner === undefined) return undefined
          value[String(field.name)] = inner
        }
        return value
      }
      default:
        return type.logicalType === 'uuid'
          ? '00000000-0000-4000-8000-000000000000'
          : defaultFor(type.type ?? null, random)
    }
  }
  const simple: Readonly<Record<string, Raw>> = {
    null: null,
    boolean: true,
    int: 1,
    long: 2,
    float: 0.5,
    double: 0.25,
    bytes: 'ÿ',
    string: 's',
  }
  return typeof type === 'string' ? simple[type] : undefined
}
