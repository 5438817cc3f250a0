import { type Field, isNamed, type NamedSchema, type Schema } from './schema.ts'

/** One stop of a walk: a schema, the dotted path to it from the root, and the fields it lies in, outermost first. */
export interface Stop {
  readonly schema: Schema
  readonly path: string
  readonly fields: readonly Field[]
}

/** Visits every schema once, in the order of the text; a named type where it is met first. */
export function* walk(root: Schema): Generator<Stop> {
  const seen = new Set<NamedSchema>()
  function* visit(schema: Schema, path: string, fields: readonly Field[]): Generator<Stop> {
    if (isNamed(schema)) {
      if (seen.has(schema)) return
      seen.add(schema)
    }
    yield { schema, path, fields }
    if (schema.type === 'array') yield* visit(schema.items, `${path}[]`, fields)
    else if (schema.type === 'map') yield* visit(schema.values, `${path}{}`, fields)
    else if (schema.type === 'union') for (const branch of schema.branches) yield* visit(branch, path, fields)
    else if (schema.type === 'record')
      for (const field of schema.fields) yield* visit(field.schema, join(path, field.name), [...fields, field])
  }
  yield* visit(root, '', [])
}

/** `items[]` and `price` make `items[].price`. */
export function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`
}
