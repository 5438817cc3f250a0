import { CodedError } from '#pipelines/kernel/errors.ts'
import type { AvroField, AvroType } from './avro.ts'

const PRIMITIVES: Readonly<Record<string, string>> = {
  string: 'string',
  int: 'number',
  long: 'number',
  float: 'number',
  double: 'number',
  boolean: 'boolean',
  bytes: 'Buffer',
  null: 'null',
}

const LOGICAL: Readonly<Record<string, string>> = {
  'string/uuid': 'Uuid',
  'long/timestamp-millis': 'EpochMillis',
}

/**
 * The TypeScript type of a field. A sensitive text or number is branded; a sensitive record is not, its own fields are.
 * @throws CodedError `SCHEMA_TYPE_UNSUPPORTED` on a logical type nobody has decided on (a decimal read as bytes would be a wrong price)
 */
export function fieldTypeText(field: AvroField, nameOf: (avroName: string) => string): string {
  const branches = Array.isArray(field.type) ? (field.type as readonly AvroType[]) : [field.type]
  const texts = branches.map((branch) => {
    const text = typeText(branch, nameOf)
    return field['x-sensitive'] && text !== 'null' && isScalar(branch) ? `Sensitive<${text}>` : text
  })
  return [...texts.filter((text) => text !== 'null'), ...texts.filter((text) => text === 'null')].join(' | ')
}

function isScalar(type: AvroType): boolean {
  return (typeof type === 'string' ? type : (type as { type: string }).type) in PRIMITIVES
}

function typeText(type: AvroType, nameOf: (avroName: string) => string): string {
  if (typeof type === 'string') return PRIMITIVES[type] ?? nameOf(type.slice(type.lastIndexOf('.') + 1))
  if (Array.isArray(type)) return (type as readonly AvroType[]).map((branch) => typeText(branch, nameOf)).join(' | ')
  const one = type as Exclude<AvroType, string | readonly AvroType[]>
  if (one.type === 'record' || one.type === 'enum') return nameOf(one.name)
  if (one.type === 'array') return `readonly ${grouped(typeText(one.items, nameOf))}[]`
  if (one.type === 'map') return `Readonly<Record<string, ${typeText(one.values, nameOf)}>>`
  const text = one.logicalType === undefined ? PRIMITIVES[one.type] : LOGICAL[`${one.type}/${one.logicalType}`]
  if (text === undefined)
    throw new CodedError('SCHEMA_TYPE_UNSUPPORTED', `there is no TypeScript type for ${JSON.stringify(one)}`)
  return text
}

function grouped(text: string): string {
  return text.includes(' ') ? `(${text})` : text
}
