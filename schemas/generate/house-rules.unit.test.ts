import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { avroType } from '../codec/avro/avro-type.ts'
import type { AvroEnum, AvroField, AvroRecord, AvroType } from './avro.ts'
import { type EventSource, readEvents } from './read-events.ts'

const events = readEvents(fileURLToPath(new URL('../events', import.meta.url)))

/** Named in the specification, so findable under that name. */
const SPECIFIED = [
  'GracePeriodConfirmed',
  'OrderPaymentFailed',
  'OrderPaymentSucceeded',
  'OrderStarted',
  'OrderStatusChangedToAwaitingValidation',
  'OrderStatusChangedToCancelled',
  'OrderStatusChangedToPaid',
  'OrderStatusChangedToShipped',
  'OrderStatusChangedToStockConfirmed',
  'OrderStatusChangedToSubmitted',
  'OrderStockConfirmed',
  'OrderStockRejected',
  'ProductPriceChanged',
  'UserCheckoutAccepted',
]

/** Every field of an event, at any depth, with its path. */
function* fieldsOf(record: AvroRecord, prefix = ''): Generator<[string, AvroField]> {
  for (const field of record.fields) {
    yield [`${prefix}${field.name}`, field]
    for (const named of namedIn(field.type))
      if (named.type === 'record') yield* fieldsOf(named, `${prefix}${field.name}.`)
  }
}

function* namedIn(type: AvroType): Generator<AvroRecord | AvroEnum> {
  if (typeof type === 'string') return
  if (Array.isArray(type)) {
    for (const branch of type as readonly AvroType[]) yield* namedIn(branch)
    return
  }
  const one = type as Exclude<AvroType, string | readonly AvroType[]>
  if (one.type === 'array') yield* namedIn(one.items)
  if (one.type === 'record' || one.type === 'enum') yield one
}

function text(type: AvroType): string {
  return JSON.stringify(Array.isArray(type) ? type.filter((branch) => branch !== 'null') : type)
}

describe.each(events.map((event): [string, EventSource] => [event.schema.name, event]))('%s', (name, { schema }) => {
  const fields = [...fieldsOf(schema)]

  test('stands alone: no other file is needed to read it', () => {
    expect(avroType(JSON.stringify(schema)).name).toBe(`${schema.namespace}.${name}`)
  })

  test('belongs to a part of the shop and has the name of the specification as alias', () => {
    expect(schema.namespace).toMatch(/^eshop\.(basket|catalog|ordering|payment|tasks)$/)
    expect(schema.aliases ?? []).toEqual(SPECIFIED.includes(name) ? [`${name}IntegrationEvent`] : [])
  })

  test('says of itself and of every field what it is', () => {
    for (const [path, { doc }] of [[name, schema] as const, ...fields])
      expect(doc, path).toSatisfy((value: unknown) => typeof value === 'string' && value.length >= 10)
  })

  test('begins with what every event has', () => {
    expect(schema.fields.slice(0, 2).map((field) => field.name)).toEqual(['eventId', 'occurredAt'])
  })

  test('reads a symbol that is added later as UNKNOWN', () => {
    for (const [path, field] of fields)
      for (const named of namedIn(field.type))
        if (named.type === 'enum') {
          expect(named.default, path).toBe('UNKNOWN')
          expect(named.symbols, path).toContain('UNKNOWN')
        }
  })

  test('has uuids, times and money typed as such', () => {
    for (const [path, { name: last, type }] of fields) {
      if (last.endsWith('Id') && last !== 'customerId') expect(text(type), path).toContain('"logicalType":"uuid"')
      if (last.endsWith('At')) expect(text(type), path).toContain('"logicalType":"timestamp-millis"')
      if (last.endsWith('Minor')) expect(text(type), path).toContain('"long"')
      expect(text(type), path).not.toMatch(/"(float|double|bytes)"/)
    }
    const money = schema.fields.some((field) => field.name.endsWith('Minor'))
    expect(schema.fields.some((field) => field.name === 'currency')).toBe(money)
  })

  test('has null as the default of what may be null', () => {
    for (const [path, { type, default: value }] of fields)
      if (Array.isArray(type)) {
        expect(type[0], path).toBe('null')
        expect(value, path).toBeNull()
      }
  })
})

test('exactly the address and the payment tokens are sensitive', () => {
  const marked = events.flatMap(({ schema }) =>
    [...fieldsOf(schema)].filter(([, field]) => field['x-sensitive']).map(([path]) => `${schema.name}.${path}`),
  )
  expect(marked).toEqual([
    'OrderStatusChangedToStockConfirmed.paymentToken',
    'UserCheckoutAccepted.address',
    'UserCheckoutAccepted.address.street',
    'UserCheckoutAccepted.address.city',
    'UserCheckoutAccepted.address.state',
    'UserCheckoutAccepted.address.country',
    'UserCheckoutAccepted.address.zipCode',
    'UserCheckoutAccepted.paymentToken',
  ])
})
