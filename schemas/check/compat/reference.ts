import {
  type EnumSchema,
  type Field,
  fieldNamed,
  isNamed,
  type NamedSchema,
  type RecordSchema,
  type Schema,
  type UnionSchema,
} from '../avro/schema.ts'
import { type Branch, Spot } from './spot.ts'

/** The six ways in which a reader fails on a writer, under the names of Avro's Java library, and the one on which Java gives up. */
export const INCOMPATIBILITIES = [
  'NAME_MISMATCH',
  'FIXED_SIZE_MISMATCH',
  'MISSING_ENUM_SYMBOLS',
  'READER_FIELD_MISSING_DEFAULT_VALUE',
  'TYPE_MISMATCH',
  'MISSING_UNION_BRANCH',
  'AMBIGUOUS_ALIAS',
] as const
export type IncompatibilityType = (typeof INCOMPATIBILITIES)[number]

/** One reason why a reader cannot read all that a writer writes. */
export interface Incompatibility {
  readonly type: IncompatibilityType
  /** Java's location: a path through the reader with resolved names; under a union of the writer the branch's number stands in it. */
  readonly location: string
  readonly reader: Schema
  readonly writer: Schema
  /** The innermost field around the place, on either side, as far as both sides have one. */
  readonly readerField: Field | undefined
  readonly writerField: Field | undefined
  /** Dotted names from the root record to the place: `items[].price`. */
  readonly path: string
  /** The writer's symbols that the reader lacks. */
  readonly symbols?: readonly string[]
  /** For a union: why the branch that was meant does not read it. */
  readonly because?: readonly Incompatibility[]
}

/**
 * Everything that keeps `reader` from reading data written with `writer`; nothing means compatible. Verdict, types, locations and order are
 * those of SchemaCompatibility in Apache Avro 1.12 for Java: two schemas met again inside themselves count as compatible until something
 * else disproves it, and a pair met twice is reported once, where it was met first.
 */
export function incompatibilities(reader: Schema, writer: Schema): readonly Incompatibility[] {
  const resolution = new Resolution()
  const found = resolution.compare(reader, writer, new Spot())
  return resolution.ambiguous.length === 0 ? found : [...new Set([...resolution.ambiguous, ...found])]
}

const NONE: readonly Incompatibility[] = []

class Resolution {
  /** Java gives up on the whole pair when it meets one, even in a branch that is not needed. */
  readonly ambiguous: Incompatibility[] = []
  readonly #branches = new Map<UnionSchema, readonly Branch[]>()
  readonly #done = new Map<object, Map<object, readonly Incompatibility[]>>()

  compare(reader: Schema, writer: Schema, spot: Spot): readonly Incompatibility[] {
    const readerKey = occurrence(reader, spot.readerField, spot.readerBranch)
    const writerKey = occurrence(writer, spot.writerField, spot.writerBranch)
    if (readerKey === undefined || writerKey === undefined) return this.#decide(reader, writer, spot)
    let results = this.#done.get(readerKey)
    if (results === undefined) {
      results = new Map()
      this.#done.set(readerKey, results)
    }
    const known = results.get(writerKey)
    if (known !== undefined) return known
    results.set(writerKey, NONE) // in progress: compatible until disproved
    const result = this.#decide(reader, writer, spot)
    results.set(writerKey, result)
    return result
  }

  #decide(reader: Schema, writer: Schema, spot: Spot): readonly Incompatibility[] {
    if (reader.type === 'union')
      return writer.type === 'union' ? this.#unions(reader, writer, spot) : this.#branch(reader, writer, spot)
    if (writer.type === 'union') {
      return all(
        writer.branches.map((branch, index) =>
          this.compare(reader, branch, spot.inBranch(`${index}`, this.#branchOf(writer, index))),
        ),
      )
    }
    if (reader.type !== writer.type) {
      return PROMOTIONS[reader.type]?.includes(writer.type) ? NONE : [found('TYPE_MISMATCH', spot, reader, writer)]
    }
    switch (reader.type) {
      case 'array':
        return this.compare(reader.items, (writer as typeof reader).items, spot.inside('items', '[]'))
      case 'map':
        return this.compare(reader.values, (writer as typeof reader).values, spot.inside('values', '{}'))
      case 'fixed':
        return all([
          sameName(reader, writer as typeof reader, spot),
          reader.size === (writer as typeof reader).size
            ? NONE
            : [found('FIXED_SIZE_MISMATCH', spot.inside('size'), reader, writer)],
        ])
      case 'enum':
        return all([sameName(reader, writer as typeof reader, spot), symbols(reader, writer as typeof reader, spot)])
      case 'record':
        return all([
          sameName(reader, writer as typeof reader, spot),
          this.#fields(reader, writer as typeof reader, spot),
        ])
      default:
        return NONE
    }
  }

  #fields(reader: RecordSchema, writer: RecordSchema, spot: Spot): readonly Incompatibility[] {
    let result: readonly Incompatibility[] = NONE
    for (const readerField of reader.fields) {
      const writerFields = matching(writer, readerField)
      const [writerField] = writerFields
      if (writerFields.length === 1 && isSameLeaf(readerField.schema, writerFields[0]?.schema)) continue
      const here = spot.inField(readerField, writerField)
      if (writerFields.length > 1) {
        const ambiguous = found('AMBIGUOUS_ALIAS', here, reader, writer)
        this.ambiguous.push(ambiguous)
        result = all([result, [ambiguous]])
      } else if (writerField !== undefined) {
        const below = this.compare(readerField.schema, writerField.schema, here.inside('type'))
        if (below.length > 0) result = all([result, below])
      } else if (readerField.default === undefined) {
        result = all([result, this.#lacking(readerField, reader, writer, here)])
      }
    }
    return result
  }

  /** Java takes an enum's own default for a sign that the field may be absent, and then compares the enum with the whole writer. */
  #lacking(field: Field, reader: RecordSchema, writer: RecordSchema, spot: Spot): readonly Incompatibility[] {
    if (field.schema.type === 'enum' && field.schema.default !== undefined)
      return this.compare(field.schema, writer, spot.inside('type'))
    return [found('READER_FIELD_MISSING_DEFAULT_VALUE', spot, reader, writer)]
  }

  /** Every branch of the writer must be readable. Java starts a new location inside, and puts the writer's branch in this one. */
  #unions(reader: Schema, writer: UnionSchema, spot: Spot): readonly Incompatibility[] {
    let result: readonly Incompatibility[] = NONE
    writer.branches.forEach((branch, index) => {
      const below = this.compare(reader, branch, spot.anew(undefined, this.#branchOf(writer, index)))
      if (below.length === 0) return
      const because =
        below.length === 1 && below[0]?.type === 'MISSING_UNION_BRANCH' ? (below[0].because ?? NONE) : below
      result = all([result, [{ ...found('MISSING_UNION_BRANCH', spot.inside(`${index}`), reader, branch), because }]])
    })
    return result
  }

  /** The first branch that reads the writer will do. When none does, the one that was meant tells why. */
  #branch(reader: UnionSchema, writer: Schema, spot: Spot): readonly Incompatibility[] {
    let because: readonly Incompatibility[] = NONE
    for (const [index, branch] of reader.branches.entries()) {
      const below = this.compare(branch, writer, spot.anew(this.#branchOf(reader, index)))
      if (below.length === 0) return NONE
      if (isMeant(branch, writer)) because = below
    }
    return [{ ...found('MISSING_UNION_BRANCH', spot, reader, writer), because }]
  }

  #branchOf(union: UnionSchema, index: number): Branch {
    let branches = this.#branches.get(union)
    if (branches === undefined) {
      branches = union.branches.map(() => ({}))
      this.#branches.set(union, branches)
    }
    return branches[index] ?? {}
  }
}

/** What Avro lets a reader's type take beside its own. */
const PROMOTIONS: Readonly<Partial<Record<Schema['type'], readonly Schema['type'][]>>> = {
  long: ['int'],
  float: ['int', 'long'],
  double: ['int', 'long', 'float'],
  bytes: ['string'],
  string: ['bytes'],
}

/**
 * What Java tells apart by identity, so that a pair which is met again is told once. Primitives are shared here: that of a field is known by its
 * field, that of a union by its branch, and others are met again only with what is around them.
 */
function occurrence(schema: Schema, field: Field | undefined, branch: Branch | undefined): object | undefined {
  if (!isLeaf(schema)) return schema
  return schema.pointer === '' ? field : branch
}

/** The most frequent pair of all, and never a finding. */
function isSameLeaf(reader: Schema, writer: Schema | undefined): boolean {
  return reader.type === writer?.type && isLeaf(reader)
}

function isLeaf(schema: Schema): boolean {
  return !isNamed(schema) && schema.type !== 'array' && schema.type !== 'map' && schema.type !== 'union'
}

function isMeant(branch: Schema, writer: Schema): boolean {
  if (branch.type !== writer.type) return false
  return !isNamed(branch) || matchesName(branch, writer as NamedSchema)
}

/** Names match without their namespaces, or by an alias of the reader that is the writer's full name. */
export function matchesName(reader: NamedSchema, writer: NamedSchema): boolean {
  return reader.name === writer.name || reader.aliases.includes(writer.fullName)
}

/** The fields of the writer that a reader's field means, by its name and its aliases. More than one is ambiguous. */
export function matching(writer: RecordSchema, readerField: Field): readonly Field[] {
  const direct = fieldNamed(writer, readerField.name, readerField.index)
  if (readerField.aliases.length === 0) return direct === undefined ? [] : [direct]
  const byAlias = readerField.aliases.map((alias) => fieldNamed(writer, alias))
  return [direct, ...byAlias].filter((field) => field !== undefined)
}

function sameName(reader: NamedSchema, writer: NamedSchema, spot: Spot): readonly Incompatibility[] {
  return matchesName(reader, writer) ? NONE : [found('NAME_MISMATCH', spot.inside('name'), reader, writer)]
}

function symbols(reader: EnumSchema, writer: EnumSchema, spot: Spot): readonly Incompatibility[] {
  if (reader.default !== undefined) return NONE
  const missing = writer.symbols.filter((symbol) => !reader.symbols.includes(symbol))
  if (missing.length === 0) return NONE
  return [{ ...found('MISSING_ENUM_SYMBOLS', spot.inside('symbols'), reader, writer), symbols: missing.sort() }]
}

function found(type: IncompatibilityType, spot: Spot, reader: Schema, writer: Schema): Incompatibility {
  const { location, path, readerField, writerField } = spot
  return { type, location, reader, writer, readerField, writerField, path }
}

/** Joined, each finding once: a pair that is met again brings the very same objects. */
function all(parts: readonly (readonly Incompatibility[])[]): readonly Incompatibility[] {
  const filled = parts.filter((part) => part.length > 0)
  if (filled.length === 0) return NONE
  return filled.length === 1 ? (filled[0] ?? NONE) : [...new Set(filled.flat())]
}
