import { type Field, isNamed, type NamedSchema, type Schema } from './schema.ts'

/** One stop of a walk: a schema, the dotted path to it from the root, and the fields it lies in, outermost first. */
export interface Stop {
  readonly schema: Schema
  readonly path: string
  readonly fields: readonly Field[]
}

/** Visits every schema once, in the order of the text; a named type where it is met first. */
export function walk(root: Schema, visit: (stop: Stop) => void): void {
  step({ schema: root, path: '', fields: [] }, new Set(), visit)
}

function step(stop: Stop, seen: Set<NamedSchema>, visit: (stop: Stop) => void): void {
  const { schema, path, fields } = stop
  if (isNamed(schema)) {
    if (seen.has(schema)) return
    seen.add(schema)
  }
  visit(stop)
  if (schema.type === 'array') step({ schema: schema.items, path: `${path}[]`, fields }, seen, visit)
  else if (schema.type === 'map') step({ schema: schema.values, path: `${path}{}`, fields }, seen, visit)
  else if (schema.type === 'union')
    for (const branch of schema.branches) step({ schema: branch, path, fields }, seen, visit)
  else if (schema.type === 'record') {
    for (const field of schema.fields) {
      if (isPlain(field.schema)) continue
      step({ schema: field.schema, path: join(path, field.name), fields: [...fields, field] }, seen, visit)
    }
  }
}

/** A primitive in a field: nothing lies below, and the field itself is looked at with its record. */
function isPlain(schema: Schema): boolean {
  return !(isNamed(schema) || schema.type === 'array' || schema.type === 'map' || schema.type === 'union')
}

/** `items[]` and `price` make `items[].price`. */
export function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`
}
