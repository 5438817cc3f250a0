import type { Json } from '../avro/json.ts'
import type { Field, Schema } from '../avro/schema.ts'

/** Last words of names, in snake case, of what must not lie in a topic unmarked. */
const SECRETS: readonly RegExp[] = [
  /(^|_)(pan|cvv2?|cvc2?|csc|iban|ssn|pin|otp)(_code|_number)?$/,
  /(^|_)(card|cc|account|passport|social_security)_?(number|num|no|pan)$/,
  /(^|_)(security|verification|auth|authorization)_?code$/,
  /(^|_)(password|passwd|passphrase|pass_word|pwd|secrets?|credentials?|token|jwt|cookie)$/,
  /(^|_)(api|private|secret|access|signing|encryption|session)_?key$/,
  /(^|_)track_?[12]?_data$/,
  /(^|_)(credit|debit)_?card$/,
]

/** Without any of these, no pattern above can match: one look for the many names that are harmless. */
const HINTS =
  /pan|cv|csc|iban|ssn|pin|otp|card|cc|account|passport|social|code|pass|pwd|secret|credential|token|jwt|cookie|key|track/i

/** Types that can hold a secret themselves. A record or an enum cannot; its fields are looked at on their own. */
const HOLDERS: ReadonlySet<Schema['type']> = new Set(['string', 'bytes', 'int', 'long', 'fixed'])

/** Whether a field's name says that it holds card or secret data. */
export function looksSensitive(field: Field, extra: readonly RegExp[] = []): boolean {
  if (!(HINTS.test(field.name) || extra.length > 0) || !holdsText(field.schema)) return false
  const name = snakeCase(field.name)
  return SECRETS.some((pattern) => pattern.test(name)) || extra.some((pattern) => pattern.test(field.name))
}

/** Whether the field, its type or an item of it carries the mark. Any value but false, null and "none" marks. */
export function isMarked(field: Field, property: string): boolean {
  return isOn(field.extras?.[property]) || typeIsMarked(field.schema, property)
}

function typeIsMarked(schema: Schema, property: string): boolean {
  if (isOn(schema.extras?.[property])) return true
  if (schema.type === 'array') return typeIsMarked(schema.items, property)
  if (schema.type === 'map') return typeIsMarked(schema.values, property)
  return (
    schema.type === 'union' &&
    schema.branches.some((branch) => branch.type !== 'union' && typeIsMarked(branch, property))
  )
}

function isOn(mark: Json | undefined): boolean {
  return mark !== undefined && mark !== null && mark !== false && mark !== 'none'
}

function holdsText(schema: Schema): boolean {
  if (schema.type === 'union') return schema.branches.some(holdsText)
  if (schema.type === 'array') return holdsText(schema.items)
  if (schema.type === 'map') return holdsText(schema.values)
  return HOLDERS.has(schema.type)
}

/** `cardNumber`, `CardNumber` and `CARD_NUMBER` are all `card_number`. */
function snakeCase(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1_$2')
    .toLowerCase()
}
