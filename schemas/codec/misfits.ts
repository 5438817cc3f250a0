import type avsc from 'avsc'
import { scrub } from '#pipelines/kernel/redaction.ts'
import { type EventInput, eventSchemas } from '#schemas/generated/events.ts'
import { UuidType } from './avro/text.ts'
import { DoesNotFit, type Misfit } from './errors.ts'

const SHOWN_CHARACTERS = 40

/** Every place where an event differs from its schema, as one error; nothing if it fits. */
export function misfitsOf(event: EventInput, avro: avsc.Type): DoesNotFit | undefined {
  const misfits: Misfit[] = []
  const sensitive = eventSchemas[event.type].sensitivePaths
  avro.isValid(event, {
    errorHook(path, value, expected) {
      const shown = isBelow(path, sensitive) ? kindOf(value) : show(value)
      misfits.push({ path: path.map((step) => `/${step}`).join(''), expected: expectation(expected), actual: shown })
    },
  })
  return misfits.length > 0 ? new DoesNotFit(event.type, misfits) : undefined
}

function isBelow(path: readonly string[], sensitive: readonly string[]): boolean {
  const name = path
    .map((step) => (/^\d+$/.test(step) ? '[]' : `.${step}`))
    .join('')
    .slice(1)
  return sensitive.some((prefix) => name === prefix || name.startsWith(`${prefix}.`) || name.startsWith(`${prefix}[]`))
}

function expectation(type: avsc.Type): string {
  const schema = type.schema() as { symbols?: readonly string[] } | readonly unknown[] | string
  if (Array.isArray(schema))
    return schema.map((branch) => (typeof branch === 'string' ? branch : 'a record')).join(' or ')
  if (typeof schema === 'object' && 'symbols' in schema) return `one of ${schema.symbols?.join(', ')}`
  return type instanceof UuidType ? 'a uuid' : type.typeName
}

function show(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return String(value)
  if (typeof value !== 'string') return kindOf(value)
  const text = scrub(value)
  return JSON.stringify(text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text)
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'missing'
  if (value === null) return 'null'
  return Array.isArray(value) ? 'an array' : `a value of type ${typeof value}`
}
