import type { AvroField } from './avro.ts'
import { type Declaration, declarationsOf, type NameOf } from './declarations.ts'
import type { EventSource } from './read-events.ts'
import { sensitivePathsOf } from './sensitive-paths.ts'
import { fieldTypeText } from './type-text.ts'

const HEAD = `// Made from schemas/events by \`node schemas/generate/main.ts\`. Never edited: change an .avsc and run it again.
import type { Sensitive } from '#schemas/codec/sensitive.ts'

export type { Sensitive }
/** RFC 9562, as text with dashes. */
export type Uuid = string
/** Milliseconds since 1970-01-01T00:00:00Z. */
export type EpochMillis = number`

const TAIL = `export type EventType = ShopEvent['type']
export type EventOf<T extends EventType> = Extract<ShopEvent, { readonly type: T }>

/** An event to publish: fields that have a default in the schema may be left out. Nested records are given whole. */
export type EventInput<T extends EventType = EventType> = T extends EventType
  ? Omit<EventOf<T>, FieldsWithDefault[T]> & Partial<Pick<EventOf<T>, FieldsWithDefault[T] & keyof EventOf<T>>>
  : never

export interface EventSchema {
  /** The topic that carries the event. */
  readonly topic: string
  /** Namespace and name of the Avro record. */
  readonly fullName: string
  /** The Avro schema as JSON text, as it is registered. */
  readonly schema: string
  /** Where it holds personal data or means of payment, for example \`['address', 'paymentToken']\`; \`[]\` stands for array elements. */
  readonly sensitivePaths: readonly string[]
}`

/** The whole of `generated/events.ts`: types for the compiler, schemas as data for the codec and the registry. */
export function renderEvents(events: readonly EventSource[]): string {
  const { declarations, nameOf } = declarationsOf(events)
  return `${[
    HEAD,
    ...declarations.map((declaration) => renderDeclaration(declaration, events, nameOf)),
    ...events.map((event) => renderEvent(event, nameOf)),
    `export type ShopEvent =\n${events.map(({ schema }) => `  | ${schema.name}`).join('\n')}`,
    renderDefaults(events),
    TAIL,
    renderData(events),
  ].join('\n\n')}\n`
}

function renderDeclaration({ name, definition }: Declaration, events: readonly EventSource[], nameOf: NameOf): string {
  if (definition.type === 'enum')
    return `${comment(definition.doc)}export type ${name} = ${definition.symbols.map(quoted).join(' | ')}`
  const owner =
    events.find(({ schema }) => name === `${schema.name}${definition.name}`) ?? events.find(defines(definition))
  return `${comment(definition.doc)}export interface ${name} {\n${fields(definition.fields, owner?.schema.name ?? '', nameOf)}\n}`
}

function defines(definition: Declaration['definition']): (event: EventSource) => boolean {
  return ({ schema }) => JSON.stringify(schema).includes(JSON.stringify(definition))
}

function renderEvent({ schema, topic }: EventSource, nameOf: NameOf): string {
  const type = `  readonly type: ${quoted(schema.name)}`
  return `${comment(`${schema.doc ?? ''} On \`${topic}\`.`)}export interface ${schema.name} {\n${type}\n${fields(schema.fields, schema.name, nameOf)}\n}`
}

function fields(all: readonly AvroField[], event: string, nameOf: NameOf): string {
  return all
    .map((field) => {
      const text = fieldTypeText(field, (name) => nameOf(event, name))
      return `${comment(field.doc, '  ')}  readonly ${field.name}: ${text}`
    })
    .join('\n')
}

function renderDefaults(events: readonly EventSource[]): string {
  const lines = events.map(({ schema }) => {
    const names = schema.fields.filter((field) => field.default !== undefined).map((field) => quoted(field.name))
    return `  ${schema.name}: ${names.length > 0 ? names.join(' | ') : 'never'}`
  })
  return `/** By event, the fields that have a default in the schema. */\nexport interface FieldsWithDefault {\n${lines.join('\n')}\n}`
}

function renderData(events: readonly EventSource[]): string {
  const entries = events.map(({ schema, topic }) =>
    [
      `  ${schema.name}: {`,
      `    topic: ${quoted(topic)},`,
      `    fullName: ${quoted(`${schema.namespace}.${schema.name}`)},`,
      `    schema: ${quoted(JSON.stringify(schema))},`,
      `    sensitivePaths: [${sensitivePathsOf(schema.fields).map(quoted).join(', ')}],`,
      '  },',
    ].join('\n'),
  )
  return [
    `export const eventSchemas = {\n${entries.join('\n')}\n} as const satisfies Readonly<Record<EventType, EventSchema>>`,
    'export const eventTypes = Object.keys(eventSchemas) as readonly EventType[]',
  ].join('\n\n')
}

function comment(doc: string | undefined, indent = ''): string {
  return doc ? `${indent}/** ${doc.replaceAll('*/', '*\\/').trim()} */\n` : ''
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n')}'`
}
