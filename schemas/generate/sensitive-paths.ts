import type { AvroField, AvroType } from './avro.ts'

/**
 * Where an event holds sensitive values: the outermost marked field of each branch, `[]` for the elements of an array, for example
 * `['address', 'payments[].token']`. What lies below a path is sensitive as a whole.
 */
export function sensitivePathsOf(fields: readonly AvroField[], prefix = ''): readonly string[] {
  return fields.flatMap((field) => {
    const path = `${prefix}${field.name}`
    return field['x-sensitive'] ? [path] : pathsIn(field.type, path)
  })
}

function pathsIn(type: AvroType, path: string): readonly string[] {
  if (typeof type === 'string') return []
  if (Array.isArray(type)) return (type as readonly AvroType[]).flatMap((branch) => pathsIn(branch, path))
  const one = type as Exclude<AvroType, string | readonly AvroType[]>
  if (one.type === 'array') return pathsIn(one.items, `${path}[]`)
  if (one.type === 'map') return pathsIn(one.values, `${path}[]`)
  return one.type === 'record' ? sensitivePathsOf(one.fields, `${path}.`) : []
}
