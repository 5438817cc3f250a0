import { describe, type Field, isNamed, type Schema } from '../avro/schema.ts'
import type { Observation, Place } from '../finding.ts'
import type { Direction } from './modes.ts'
import type { Incompatibility } from './reference.ts'

/** The two schemas of an incompatibility as a person sees them: what is there now, and what was. */
interface Sides {
  readonly direction: Direction
  readonly now: Schema
  readonly old: Schema
  readonly nowField: Field | undefined
  readonly oldField: Field | undefined
}

/**
 * Tells the reference's incompatibilities as what somebody changed, at the place in the new schema where it was changed, or where it stood
 * in the old one. Where a union reads nothing because the branch that was meant does not read, it is that reason which is told.
 */
export function explain(found: readonly Incompatibility[], direction: Direction): readonly Observation[] {
  return found.flatMap((each) => {
    if (each.because !== undefined && each.because.length > 0) {
      return explain(each.because, direction).map((inner) => ({ ...inner, avro: factOf(each) }))
    }
    const backward = direction === 'BACKWARD'
    const sides: Sides = {
      direction,
      now: backward ? each.reader : each.writer,
      old: backward ? each.writer : each.reader,
      nowField: backward ? each.readerField : each.writerField,
      oldField: backward ? each.writerField : each.readerField,
    }
    const told = TELL[each.type](sides, each)
    return told.map((one) => ({ ...one, rule: each.type, field: fieldOf(each, one), direction, avro: factOf(each) }))
  })
}

type Told = Pick<Observation, 'place' | 'message' | 'fix'> & { readonly field?: string }

const TELL: Readonly<Record<Incompatibility['type'], (sides: Sides, each: Incompatibility) => readonly Told[]>> = {
  READER_FIELD_MISSING_DEFAULT_VALUE(sides, { readerField }) {
    if (readerField === undefined) return []
    const place = atName(readerField)
    if (sides.direction === 'BACKWARD') {
      const fix = `add "default": ${exampleDefault(readerField.schema)}`
      return [{ place, message: `field added without a default (${describe(readerField.schema)})`, fix }]
    }
    const fix = 'put the field back; it never had a default, so it can only be marked as no longer used in its doc'
    return [{ place, message: 'field removed, and older versions have no default for it', fix }]
  },
  TYPE_MISMATCH(sides) {
    const fix = `keep ${describe(sides.old)}, and add a new field with a default for the new type`
    return [
      { place: placeIn(sides), message: `type changed from ${describe(sides.old)} to ${describe(sides.now)}`, fix },
    ]
  },
  NAME_MISMATCH(sides) {
    const [old, now] = [fullName(sides.old), fullName(sides.now)]
    const alias = `add "aliases": ["${old}"] to ${now}`
    const fix =
      sides.direction === 'BACKWARD' ? alias : `keep the name ${old}: readers that are out have no alias for ${now}`
    return [{ place: placeIn(sides), message: `${sides.now.type} renamed from ${old} to ${now}`, fix }]
  },
  FIXED_SIZE_MISMATCH(sides) {
    const { old, now } = sides
    if (old.type !== 'fixed' || now.type !== 'fixed') return []
    const fix = `keep size ${old.size}, and add a new field with a fixed of another name`
    return [
      {
        place: placeIn(sides),
        message: `size of fixed ${now.fullName} changed from ${old.size} to ${now.size} bytes`,
        fix,
      },
    ]
  },
  MISSING_ENUM_SYMBOLS({ direction, now, old }, { symbols = [] }) {
    const holder = direction === 'BACKWARD' ? old : now
    if (holder.type !== 'enum' || now.type !== 'enum') return []
    const list = symbols.join(', ')
    const [first = ''] = symbols
    const place = { source: holder.source, pointer: `${holder.pointer}/symbols/${holder.symbols.indexOf(first)}` }
    if (direction === 'BACKWARD') {
      const fix = `put ${list} back, or give the enum a "default"`
      return [
        {
          place,
          message: `${plural(symbols, 'symbol')} ${list} removed from enum ${now.fullName}, which has no default`,
          fix,
        },
      ]
    }
    const fix = 'publish a version whose enum has a "default" and wait until every reader has it, or use a new field'
    return [
      {
        place,
        message: `${plural(symbols, 'symbol')} ${list} added to enum ${now.fullName}, which had no default`,
        fix,
      },
    ]
  },
  MISSING_UNION_BRANCH(sides, { reader, writer }) {
    const branch = describe(writer)
    const place = placeIn(sides)
    if (sides.direction === 'BACKWARD') {
      return [
        {
          place,
          message: `no branch of ${describe(reader)} reads the former ${branch}`,
          fix: `put ${branch} back into the union`,
        },
      ]
    }
    const fix = `take ${branch} out, and put it into a new field with a default`
    return [{ place, message: `${branch} is new, and no branch of the former ${describe(reader)} reads it`, fix }]
  },
  AMBIGUOUS_ALIAS(sides, { readerField }) {
    if (readerField === undefined) return []
    const field = sides.direction === 'BACKWARD' ? readerField : (sides.nowField ?? readerField)
    const names = [readerField.name, ...readerField.aliases].join(', ')
    return [
      {
        place: atName(field),
        message: `name and aliases (${names}) mean several fields of the writer`,
        fix: 'remove the alias',
      },
    ]
  },
}

/** The field around the place where both have one; else the named type itself; else the whole text. */
function placeIn({ now, nowField }: Sides): Place {
  if (nowField !== undefined) return atName(nowField)
  return isNamed(now)
    ? { source: now.source, pointer: `${now.pointer}/name` }
    : { source: now.source, pointer: now.pointer }
}

/** Where a field's name is written. */
export function atName(field: Field): Place {
  return { source: field.source, pointer: `${field.pointer}/name` }
}

function fieldOf(each: Incompatibility, told: Told): string {
  return told.field ?? each.path
}

function factOf({ type, location, writer, writerField, readerField }: Incompatibility) {
  const isField =
    type !== 'READER_FIELD_MISSING_DEFAULT_VALUE' && readerField !== undefined && writerField !== undefined
  return { type, location, writer: isField && !isNamed(writer) ? `${writerField.pointer}/type` : writer.pointer || '/' }
}

function fullName(schema: Schema): string {
  return isNamed(schema) ? schema.fullName : schema.type
}

function plural(items: readonly unknown[], word: string): string {
  return items.length === 1 ? word : `${word}s`
}

/** A default that fits, to put into the advice. */
function exampleDefault(schema: Schema): string {
  switch (schema.type) {
    case 'null':
      return 'null'
    case 'boolean':
      return 'false'
    case 'string':
    case 'bytes':
      return '""'
    case 'array':
      return '[]'
    case 'map':
      return '{}'
    case 'enum':
      return JSON.stringify(schema.default ?? schema.symbols.at(-1) ?? '')
    case 'union':
      return schema.branches[0] === undefined ? 'null' : exampleDefault(schema.branches[0])
    case 'record':
      return '{…}'
    case 'fixed':
      return `"…" (${schema.size} bytes)`
    default:
      return '0'
  }
}
