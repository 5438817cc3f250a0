import { stableText } from '../avro/json.ts'
import { describe, isNamed, type Schema } from '../avro/schema.ts'
import { join, walk } from '../avro/walk.ts'

/** One thing that differs between two versions, not judged. */
export interface Difference {
  readonly kind: 'added' | 'removed' | 'changed'
  /** Dotted path of a field, or of an enum's symbol after `#`. */
  readonly path: string
  readonly before?: string
  readonly after?: string
}

/** What differs between two versions of a schema: fields, types, defaults, docs, symbols, names. In the order of the new one. */
export function differences(now: Schema, old: Schema): readonly Difference[] {
  const [after, before] = [facts(now), facts(old)]
  const found: Difference[] = []
  for (const [path, text] of after) {
    const was = before.get(path)
    if (was === undefined) found.push({ kind: 'added', path, after: text })
    else if (was !== text) found.push({ kind: 'changed', path, before: was, after: text })
  }
  for (const [path, text] of before) if (!after.has(path)) found.push({ kind: 'removed', path, before: text })
  return found
}

function facts(root: Schema): ReadonlyMap<string, string> {
  const known = new Map<string, string>([['', describe(root)]])
  walk(root, ({ schema, path }) => {
    if (isNamed(schema) && schema.doc !== undefined) known.set(`${path}/doc`, schema.doc)
    if (schema.type === 'enum')
      for (const symbol of schema.symbols) known.set(`${path}#${symbol}`, `symbol of ${schema.fullName}`)
    if (schema.type === 'enum' && schema.default !== undefined) known.set(`${path}/default`, schema.default)
    if (schema.type === 'fixed') known.set(`${path}/size`, `${schema.size} bytes`)
    if (schema.type !== 'record') return
    for (const field of schema.fields) {
      const here = join(path, field.name)
      const fallback = field.default === undefined ? '' : `, default ${stableText(field.default)}`
      const aliases = field.aliases.length === 0 ? '' : `, aliases ${field.aliases.join(', ')}`
      known.set(here, `${describe(field.schema)}${fallback}${aliases}`)
      if (field.doc !== undefined) known.set(`${here}/doc`, field.doc)
    }
  })
  return known
}
