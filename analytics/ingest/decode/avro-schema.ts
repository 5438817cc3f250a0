import { CodedError } from '#pipelines/kernel/errors.ts'

/** A writer's schema as far as a decoder needs it, names resolved. */
export type Writer =
  | { readonly kind: 'null' | 'boolean' | 'int' | 'long' | 'float' | 'double' | 'bytes' | 'string' }
  | { readonly kind: 'fixed'; readonly size: number }
  | { readonly kind: 'enum'; readonly symbols: readonly string[] }
  | { readonly kind: 'array' | 'map'; readonly items: Writer }
  | { readonly kind: 'union'; readonly branches: readonly Writer[] }
  | { readonly kind: 'record'; readonly name: string; readonly fields: readonly WriterField[] }

export interface WriterField {
  readonly name: string
  readonly type: Writer
  readonly sensitive: boolean
}

/** A schema that no decoder is compiled for (recursive, or a kind we never write): its records are read the slow way. */
export class NotCompilable extends CodedError {
  constructor(what: string) {
    super('SCHEMA_NOT_COMPILABLE', `no decoder is compiled for ${what}`)
  }
}

interface Named {
  readonly type: string
  readonly name?: string
  readonly namespace?: string
  readonly size?: number
  readonly symbols?: readonly string[]
  readonly items?: unknown
  readonly values?: unknown
  readonly fields?: readonly { name: string; type: unknown; 'x-sensitive'?: boolean }[]
}

const PRIMITIVES = new Set(['null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string'])

/** @throws NotCompilable, SyntaxError */
export function readWriter(schema: string): Writer {
  return resolve(JSON.parse(schema), '', new Map())
}

function resolve(schema: unknown, space: string, known: Map<string, Writer | undefined>): Writer {
  if (Array.isArray(schema)) return { kind: 'union', branches: schema.map((branch) => resolve(branch, space, known)) }
  if (typeof schema === 'string') return primitiveOrNamed(schema, space, known)
  const one = schema as Named
  if (typeof one.type !== 'string') return resolve(one.type, space, known)
  const named = () => {
    const name = one.name ?? ''
    const full = name.includes('.') || !(one.namespace ?? space) ? name : `${one.namespace ?? space}.${name}`
    return { full, inside: full.slice(0, Math.max(0, full.lastIndexOf('.'))) }
  }
  switch (one.type) {
    case 'array':
      return { kind: 'array', items: resolve(one.items, space, known) }
    case 'map':
      return { kind: 'map', items: resolve(one.values, space, known) }
    case 'enum':
      return remember(known, named().full, { kind: 'enum', symbols: one.symbols ?? [] })
    case 'fixed':
      return remember(known, named().full, { kind: 'fixed', size: one.size ?? 0 })
    case 'record': {
      const { full, inside } = named()
      known.set(full, undefined)
      const fields = (one.fields ?? []).map((field) => ({
        name: field.name,
        type: resolve(field.type, inside, known),
        sensitive: field['x-sensitive'] === true,
      }))
      return remember(known, full, { kind: 'record', name: full, fields })
    }
    default:
      return primitiveOrNamed(one.type, space, known)
  }
}

function primitiveOrNamed(name: string, space: string, known: Map<string, Writer | undefined>): Writer {
  if (PRIMITIVES.has(name)) return { kind: name as 'null' }
  const full = name.includes('.') || !space ? name : `${space}.${name}`
  const found = known.get(full) ?? known.get(name)
  if (!found) throw new NotCompilable(`the recursive or unknown type ${name}`)
  return found
}

function remember(known: Map<string, Writer | undefined>, name: string, writer: Writer): Writer {
  known.set(name, writer)
  return writer
}
