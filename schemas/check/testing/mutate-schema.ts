import type { Random } from './random.ts'
import { defaultFor, type Raw, randomSchema } from './random-schema.ts'

type RawObject = { [key: string]: Raw }

/** A copy of a schema with a few changes, such as people make: some harmless, some not, some that make it no schema at all. */
export function mutated(schema: Raw, random: Random): Raw {
  let copy = structuredClone(schema)
  const changes = random.below(4)
  for (let i = 0; i < changes; i++) copy = change(copy, random)
  return copy
}

/** A place where a schema stands, and how to put another there. */
interface Slot {
  readonly schema: Raw
  readonly put: (schema: Raw) => void
}

function change(root: Raw, random: Random): Raw {
  let result = root
  const slots = slotsOf(root, (schema) => {
    result = schema
  })
  const slot = random.pick(slots)
  const { schema } = slot
  if (random.chance(0.15)) slot.put(promoted(schema, random))
  else if (random.chance(0.1) && !Array.isArray(schema)) slot.put(random.chance(0.5) ? ['null', schema] : [schema])
  else if (random.chance(0.06)) slot.put(randomSchema(random))
  else if (random.chance(0.04))
    slot.put(structuredClone(random.pick(slots).schema)) // a named type is defined again
  else if (Array.isArray(schema)) changeUnion(schema, slot, random)
  else if (typeof schema === 'object' && schema !== null) changeObject(schema, random)
  return result
}

function slotsOf(root: Raw, put: (schema: Raw) => void): readonly Slot[] {
  const slots: Slot[] = []
  function visit(schema: Raw, set: (schema: Raw) => void): void {
    slots.push({ schema, put: set })
    if (Array.isArray(schema)) {
      schema.forEach((branch, index) => {
        visit(branch, (other) => {
          schema[index] = other
        })
      })
    } else if (typeof schema === 'object' && schema !== null) {
      for (const key of ['items', 'values']) visitKey(schema, key)
      for (const field of (schema.fields ?? []) as RawObject[]) visitKey(field, 'type')
    }
  }
  function visitKey(object: RawObject, key: string): void {
    const inner = object[key]
    if (inner !== undefined) {
      visit(inner, (other) => {
        object[key] = other
      })
    }
  }
  visit(root, put)
  return slots
}

const PROMOTED: Readonly<Record<string, readonly string[]>> = {
  int: ['long', 'float', 'double', 'string'],
  long: ['float', 'double', 'int'],
  float: ['double', 'int'],
  double: ['float'],
  string: ['bytes'],
  bytes: ['string', 'int'],
}

function promoted(schema: Raw, random: Random): Raw {
  const others = typeof schema === 'string' ? PROMOTED[schema] : undefined
  return others === undefined ? schema : random.pick(others)
}

function changeUnion(union: Raw[], slot: Slot, random: Random): void {
  const roll = random.below(4)
  if (roll === 0 && union.length > 0) union.splice(random.below(union.length), 1)
  else if (roll === 1) union.push(random.pick(['null', 'int', 'long', 'string', 'double']))
  else if (roll === 2) union.reverse()
  else if (union[0] !== undefined) slot.put(union[0])
}

function changeObject(schema: RawObject, random: Random): void {
  if (schema.type === 'record') changeRecord(schema, random)
  else if (schema.type === 'enum') changeEnum(schema, random)
  else if (schema.type === 'fixed') {
    if (random.chance(0.5)) schema.size = random.pick([2, 4, 8])
    else rename(schema, random)
  } else if (schema.logicalType !== undefined) delete schema.logicalType
}

function changeRecord(record: RawObject, random: Random): void {
  const fields = record.fields as RawObject[]
  const field = fields.length === 0 ? undefined : random.pick(fields)
  switch (random.below(8)) {
    case 0:
      fields.splice(random.below(fields.length + 1), 1)
      return
    case 1: {
      const type = random.pick<Raw>(['int', 'string', ['null', 'string'], { type: 'array', items: 'int' }])
      const value = random.chance(0.6) ? defaultFor(type, random) : undefined
      fields.push({ name: random.pick(['a', 'b', 'f', 'g']), type, ...(value === undefined ? {} : { default: value }) })
      return
    }
    case 2:
      fields.reverse()
      return
    case 3:
      rename(record, random)
      return
    case 4:
      if (field !== undefined) delete field.default
      return
    case 5:
      if (field !== undefined) field.name = random.pick(['a', 'b', 'c', 'f'])
      return
    case 6:
      if (field !== undefined) field.aliases = [random.pick(['a', 'b', 'c', 'd'])]
      return
    default:
      if (field !== undefined && field.default === undefined) {
        const value = defaultFor(field.type ?? null, random)
        if (value !== undefined) field.default = value
      }
  }
}

function changeEnum(schema: RawObject, random: Random): void {
  const symbols = schema.symbols as Raw[]
  const roll = random.below(5)
  if (roll === 0) symbols.splice(random.below(symbols.length), 1)
  else if (roll === 1) symbols.push(random.pick(['X', 'Y']))
  else if (roll === 2) symbols.reverse()
  else if (roll === 3) rename(schema, random)
  else if (schema.default === undefined) schema.default = symbols[0] ?? 'A'
  else delete schema.default
}

function rename(schema: RawObject, random: Random): void {
  const roll = random.below(3)
  const old = String(schema.name)
  if (roll === 0) schema.namespace = random.pick(['', 'x', 'z'])
  else if (roll === 1) schema.name = random.pick(['R', 'S', 'Q'])
  else {
    schema.name = `${old}N`
    schema.aliases = [random.pick([old, `x.${old}`])]
  }
}
