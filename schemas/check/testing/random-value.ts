import { branchName, type Schema } from '../avro/schema.ts'
import type { Random } from './random.ts'

const MAX_DEPTH = 6

/** There is no value of this schema within the depth: a record that holds itself without a way out. */
export class NoFiniteValue extends RangeError {}

/** A random value of a schema as avsc wants it with `wrapUnions`: a branch other than null is `{name: value}`. */
export function randomValue(schema: Schema, random: Random, depth = 0): unknown {
  if (depth > MAX_DEPTH) throw new NoFiniteValue('too deep')
  switch (schema.type) {
    case 'null':
      return null
    case 'boolean':
      return random.chance(0.5)
    case 'int':
      return random.below(2 ** 32) - 2 ** 31
    case 'long':
      return (random.below(2 ** 32) - 2 ** 31) * random.below(2 ** 20)
    case 'float':
    case 'double':
      return Math.fround(random.below(1_000_000) / 7 - 500)
    case 'bytes':
      return Buffer.from(text(random))
    case 'string':
      return schema.logical?.name === 'uuid' ? uuid(random) : text(random)
    case 'fixed':
      return Buffer.alloc(schema.size, random.below(256))
    case 'enum':
      return random.pick(schema.symbols)
    case 'array':
      return several(random, depth, () => randomValue(schema.items, random, depth + 1))
    case 'map':
      return Object.fromEntries(
        several(random, depth, (index) => [`k${index}`, randomValue(schema.values, random, depth + 1)] as const),
      )
    case 'union': {
      const branch =
        depth > 2
          ? (schema.branches.find(({ type }) => type === 'null') ?? random.pick(schema.branches))
          : random.pick(schema.branches)
      const value = randomValue(branch, random, depth + 1)
      return value === null ? null : { [branchName(branch)]: value }
    }
    case 'record':
      return Object.fromEntries(
        schema.fields.map((field) => [field.name, randomValue(field.schema, random, depth + 1)]),
      )
  }
}

/** Nothing when deep, so that what can end does. */
function several<T>(random: Random, depth: number, make: (index: number) => T): T[] {
  return Array.from({ length: depth > 2 ? 0 : random.below(3) }, (_, index) => make(index))
}

function text(random: Random): string {
  return random.pick(['', 'a', 'Zürich', '日本', '😀', 'tok_visa', 'x'.repeat(70)])
}

function uuid(random: Random): string {
  const hex = (length: number) => Array.from({ length }, () => random.below(16).toString(16)).join('')
  return `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}`
}
