import { isArray, isObject, type Json, type JsonObject } from './json.ts'
import { fullNameOf, referenced } from './names.ts'
import { PRIMITIVES } from './schema.ts'

/**
 * A definition as Java compares it when its name comes again, as text: equal texts, and the name may. Doc, aliases and an enum's default do not
 * count. A named type inside stands by its name, as it is compared where it is defined again itself.
 */
export function definitionText(json: JsonObject, fullName: string): string {
  const { type, doc: _, aliases: __, name: ___, namespace: ____, default: fallback, fields, ...rest } = json
  const namespace = fullName.slice(0, Math.max(0, fullName.lastIndexOf('.')))
  return text({
    ...rest,
    type: type === 'error' ? 'record' : (type ?? null),
    ...(fallback === undefined || type === 'enum' ? {} : { default: fallback }),
    ...(isArray(fields) ? { fields: fields.map((field) => fieldOf(field, namespace)) } : {}),
  })
}

function fieldOf(field: Json, namespace: string): Json {
  if (!isObject(field)) return field
  const { doc: _, aliases: __, order, type, ...rest } = field
  const direction = typeof order === 'string' ? order.toLowerCase() : 'ascending'
  return { ...rest, order: direction, type: typeOf(type ?? null, namespace) }
}

/** A type by as little as tells it apart: `{"type": "int"}` is `"int"`. */
function typeOf(json: Json, namespace: string): Json {
  if (typeof json === 'string') return PRIMITIVE.has(json) ? json : referenced(json, namespace)
  if (isArray(json)) return json.map((branch) => typeOf(branch, namespace))
  if (!isObject(json) || typeof json.type !== 'string') return json
  if (NAMED.has(json.type)) {
    const around = typeof json.namespace === 'string' ? json.namespace : namespace
    return typeof json.name === 'string' ? fullNameOf(json.name, around).fullName : json
  }
  const { doc: _, aliases: __, items, values, ...rest } = json
  if (json.type === 'array') return { ...rest, items: typeOf(items ?? null, namespace) }
  if (json.type === 'map') return { ...rest, values: typeOf(values ?? null, namespace) }
  return Object.keys(rest).length === 1 ? typeOf(json.type, namespace) : rest
}

const PRIMITIVE: ReadonlySet<string> = new Set(PRIMITIVES)
const NAMED = new Set(['record', 'error', 'enum', 'fixed'])

/** JSON with sorted keys. */
function text(json: Json): string {
  return JSON.stringify(json, (_, value: Json) => {
    if (typeof value === 'bigint') return `${value}n`
    if (!isObject(value)) return value
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
  })
}
