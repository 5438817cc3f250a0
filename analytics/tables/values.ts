import { CodedError } from '#pipelines/kernel/errors.ts'
import { type Avro, type Field, notNull, snakeCase, stored } from './avro.ts'

/** Turns a field's value into what JSONEachRow takes for its column. @throws ValueOutOfRange */
export type Convert = (value: unknown) => unknown

/** A value that Avro allows and ClickHouse would refuse, or worse, store as another one. The record goes to the dead letters. */
export class ValueOutOfRange extends CodedError {
  constructor(field: string, expected: string) {
    super('VALUE_OUT_OF_RANGE', `${field} is not ${expected}`, { facts: { field } })
  }
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
/** 1970 to 2200: DateTime64 silently gives another date for what it cannot hold. */
const LAST_MILLIS = Date.UTC(2200, 0, 1)

export function uuidValue(field: string): Convert {
  return (value) => {
    if (typeof value === 'string' && UUID.test(value)) return value
    throw new ValueOutOfRange(field, 'a UUID')
  }
}

export function timeValue(field: string): Convert {
  return (value) => {
    if (typeof value === 'number' && value >= 0 && value < LAST_MILLIS) return dateTime64(value)
    throw new ValueOutOfRange(field, 'a time in milliseconds between 1970 and 2200')
  }
}

/** Milliseconds as ClickHouse reads a DateTime64(3) exactly: seconds of ten digits, fewer would be refused, with three decimals. */
export function dateTime64(millis: number): string {
  return (millis / 1000).toFixed(3).padStart(14, '0')
}

const asIs: Convert = (value) => value

/** The converter of an Avro type. Sensitive fields of records are left out. */
export function converterOf(type: Avro, field: string): Convert {
  if (Array.isArray(type)) {
    const own = converterOf(notNull(type as readonly Avro[]), field)
    return own === asIs ? asIs : (value) => (value === null ? null : own(value))
  }
  if (typeof type === 'string') return asIs
  const one = type as Exclude<Avro, string | readonly Avro[]>
  if ('logicalType' in one) return one.logicalType === 'uuid' ? uuidValue(field) : timeValue(field)
  if ('items' in one) {
    const item = converterOf(one.items, field)
    return (value) => (value as readonly unknown[]).map(item)
  }
  return 'fields' in one ? recordConverter(one.fields) : asIs
}

function recordConverter(fields: readonly Field[]): Convert {
  const parts = fields
    .filter(stored)
    .map(({ name, type }) => ({ name, key: snakeCase(name), convert: converterOf(type, name) }))
  return (value) => {
    const record = value as Readonly<Record<string, unknown>>
    return Object.fromEntries(parts.map(({ name, key, convert }) => [key, convert(record[name])]))
  }
}
