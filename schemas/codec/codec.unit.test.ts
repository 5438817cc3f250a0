import { beforeEach, describe, expect, test, vi } from 'vitest'
import { CodedError } from '#pipelines/kernel/errors.ts'
import { type EventInput, eventSchemas, eventTypes, type OrderStarted } from '#schemas/generated/events.ts'
import { avroType } from './avro/avro-type.ts'
import { type Codec, createCodec } from './codec.ts'
import { RegistryUnavailable } from './errors.ts'
import { subjectOf } from './event-types.ts'
import { HEADER_BYTES, writeHeader } from './frame.ts'
import { memoryRegistry } from './memory-registry.ts'
import { registerAll } from './register.ts'
import type { Registry } from './registry.ts'
import { sensitive } from './sensitive.ts'

const ID = '0198c5a2-7c3e-7e6a-9d31-0123456789ab'
const started: OrderStarted = {
  type: 'OrderStarted',
  eventId: ID,
  occurredAt: 1_790_000_000_000,
  orderId: ID,
  version: 1,
  customerId: 'alice',
  placedAt: 1_790_000_000_000,
  basketId: ID,
  basketVersion: 4,
}
const shipped: EventInput<'OrderStatusChangedToShipped'> = {
  type: 'OrderStatusChangedToShipped',
  eventId: ID,
  occurredAt: 1_790_000_000_000,
  orderId: ID,
  version: 6,
  customerId: 'alice',
  placedAt: 1_790_000_000_000,
  totalMinor: 4_200,
  currency: 'EUR',
}
const due: EventInput<'OrderStatusChangedToStockConfirmed'> = {
  ...shipped,
  type: 'OrderStatusChangedToStockConfirmed',
  paymentToken: sensitive('tok_visa'),
}

let registry: Registry
let codec: Codec

beforeEach(async () => {
  registry = memoryRegistry()
  await registerAll({ registry })
  codec = createCodec({ registry })
  await codec.prepare(eventTypes)
})

async function failureOf(work: () => unknown): Promise<CodedError> {
  try {
    await work()
  } catch (error) {
    if (error instanceof CodedError) return error
    throw error
  }
  expect.unreachable('nothing was thrown')
}

/** A record of a schema that is not ours to write. */
async function recordOf(schema: object, value: object): Promise<Buffer> {
  const text = JSON.stringify(schema)
  const { id } = await registry.register('elsewhere', text)
  const header = Buffer.alloc(HEADER_BYTES)
  writeHeader(header, id)
  return Buffer.concat([header, avroType(text).toBuffer(value)])
}

function schemaOf(type: OrderStarted['type']): { fields: { name: string; type: unknown }[] } {
  return JSON.parse(eventSchemas[type].schema)
}

describe('encoding', () => {
  test('frames the record with a 0 byte and the id of our schema', async () => {
    const entry = await registry.find('orders-eshop.ordering.OrderStarted', eventSchemas.OrderStarted.schema)
    const bytes = codec.encode(started)
    expect(bytes[0]).toBe(0)
    expect(bytes.readInt32BE(1)).toBe(entry?.id)
  })

  test('gives fields that were left out their defaults', async () => {
    expect(await codec.decode(codec.encode(shipped))).toEqual({ ...shipped, carrier: null, trackingNumber: null })
    expect(await codec.decode(codec.encode(due))).toMatchObject({ attempt: 1 })
  })

  test('gives each record bytes of its own', () => {
    const first = codec.encode(started)
    const copy = Buffer.from(first)
    codec.encode({ ...started, customerId: 'bob' })
    expect(first.equals(copy)).toBe(true)
  })

  test('takes an event larger than its buffer, and small ones after it', async () => {
    const large = { ...started, customerId: 'ä'.repeat(100_000) }
    expect(await codec.decode(codec.encode(large))).toEqual(large)
    expect(await codec.decode(codec.encode(started))).toEqual(started)
  })

  test('names every field that does not fit', async () => {
    const broken = { ...started, orderId: 'no-uuid', version: 1.5, basketId: undefined } as unknown as OrderStarted
    const error = await failureOf(() => codec.encode(broken))
    expect(error).toMatchObject({ code: 'EVENT_DOES_NOT_FIT', retriable: false })
    expect(error.facts.misfits).toEqual([
      { path: '/orderId', expected: 'a uuid', actual: '"no-uuid"' },
      { path: '/version', expected: 'int', actual: '1.5' },
      { path: '/basketId', expected: 'a uuid', actual: 'missing' },
    ])
  })

  test('never shows a sensitive value that does not fit', async () => {
    const broken = { ...due, paymentToken: 4_929_123_456 } as unknown as typeof due
    const error = await failureOf(() => codec.encode(broken))
    expect(error.message).toContain('/paymentToken must be string, is a value of type number')
    expect(JSON.stringify([error.message, error.facts])).not.toContain('4929123456')
  })

  test('refuses half a surrogate pair, which would become other text', async () => {
    const error = await failureOf(() => codec.encode({ ...started, customerId: 'a\ud83d' }))
    expect(error.code).toBe('EVENT_DOES_NOT_FIT')
  })

  test('refuses an event it was not prepared for', async () => {
    const fresh = createCodec({ registry })
    await fresh.prepare(['ProductPriceChanged'])
    expect(await failureOf(() => fresh.encode(started))).toMatchObject({ code: 'EVENT_NOT_PREPARED', retriable: false })
  })
})

describe('preparing', () => {
  test('names every subject that is missing, and the command that registers it', async () => {
    const empty = createCodec({ registry: memoryRegistry() })
    const error = await failureOf(() => empty.prepare(['OrderStarted', 'OrderPaymentFailed']))
    expect(error).toMatchObject({ code: 'SCHEMAS_NOT_REGISTERED', retriable: false })
    expect(error.facts.subjects).toEqual([subjectOf('OrderStarted'), subjectOf('OrderPaymentFailed')])
    expect(error.message).toContain('eshop schema register')
  })
})

describe('decoding refuses', () => {
  test('what does not begin with a 0 byte', async () => {
    const error = await failureOf(() => codec.decode(Buffer.from('{"type":"OrderStarted"}')))
    expect(error).toMatchObject({ code: 'EVENT_NOT_FRAMED', retriable: false })
    expect(await failureOf(() => codec.decode(Buffer.alloc(0)))).toMatchObject({ code: 'EVENT_NOT_FRAMED' })
  })

  test('a record that ends within its header', async () => {
    expect(await failureOf(() => codec.decode(Buffer.from([0, 0, 0])))).toMatchObject({ code: 'EVENT_TRUNCATED' })
  })

  test('an id that the registry does not know, but asks again for the next record', async () => {
    const bytes = codec.encode(started)
    let lost = true
    const restored = createCodec({
      registry: { ...registry, schemaOf: async (id) => (lost ? undefined : registry.schemaOf(id)) },
    })
    const error = await failureOf(() => restored.decode(bytes))
    expect(error).toMatchObject({ code: 'EVENT_SCHEMA_UNKNOWN', retriable: false })
    lost = false
    expect(await restored.decode(bytes)).toEqual(started)
  })

  test('what a registry once told wrongly no longer than for a moment, however often it is asked to read', async () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    try {
      const bytes = codec.encode(started)
      let lies = true
      const stranger = JSON.stringify({ type: 'record', name: 'eshop.Stranger', fields: [] })
      const healed = createCodec({
        registry: { ...registry, schemaOf: async (id) => (lies ? stranger : registry.schemaOf(id)) },
      })
      expect(await failureOf(() => healed.decode(bytes))).toMatchObject({ code: 'EVENT_TYPE_UNKNOWN' })
      lies = false
      for (let readings = 0; readings < 4; readings++) {
        vi.advanceTimersByTime(120)
        expect(await failureOf(() => healed.decode(bytes))).toMatchObject({ code: 'EVENT_TYPE_UNKNOWN' })
      }
      vi.advanceTimersByTime(120)
      expect(await healed.decode(bytes)).toEqual(started)
    } finally {
      vi.useRealTimers()
    }
  })

  test('an id that no registry gives, without asking one', async () => {
    let asked = 0
    const counting = createCodec({ registry: { ...registry, schemaOf: async () => void asked++ } })
    for (const id of [0, -1, -(2 ** 31)]) {
      const bytes = Buffer.alloc(20)
      writeHeader(bytes, id)
      expect(await failureOf(() => counting.decode(bytes))).toMatchObject({
        code: 'EVENT_SCHEMA_UNKNOWN',
        retriable: false,
      })
    }
    expect(asked).toBe(0)
  })

  test('a record that no event of ours reads', async () => {
    const bytes = await recordOf({ type: 'record', name: 'eshop.other.Weather', fields: [] }, {})
    const error = await failureOf(() => codec.decode(bytes))
    expect(error).toMatchObject({
      code: 'EVENT_TYPE_UNKNOWN',
      retriable: false,
      facts: { record: 'eshop.other.Weather' },
    })
  })

  test('a schema that is no record at all', async () => {
    const bytes = await recordOf({ type: 'string' }, 'hello' as unknown as object)
    expect(await failureOf(() => codec.decode(bytes))).toMatchObject({ code: 'EVENT_TYPE_UNKNOWN' })
  })

  test('a writer that lacks a field we need', async () => {
    const bytes = await recordOf({ type: 'record', name: 'OrderStarted', fields: [] }, {})
    const error = await failureOf(() => codec.decode(bytes))
    expect(error).toMatchObject({ code: 'EVENT_NOT_RESOLVABLE', retriable: false, facts: { type: 'OrderStarted' } })
    expect(error.message).toContain('eventId')
  })

  test('a registered schema that is not Avro', async () => {
    const { id } = await registry.register('elsewhere', 'syntax = "proto3";')
    const bytes = Buffer.alloc(10)
    writeHeader(bytes, id)
    expect(await failureOf(() => codec.decode(bytes))).toMatchObject({ code: 'EVENT_NOT_RESOLVABLE' })
  })

  test('an integer beyond 2^53 instead of another number', async () => {
    const shop = schemaOf('OrderStarted')
    const bytes = codec.encode({ ...started, occurredAt: Number.MAX_SAFE_INTEGER })
    expect(shop.fields[1]?.name).toBe('occurredAt')
    // 2^53 - 1 is the zigzag number 2^54 - 2: with its lowest payload bits full it becomes 2^53 by adding 2.
    const largest = Buffer.from([0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x1f])
    const tooLarge = Buffer.from([0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x20])
    const at = bytes.indexOf(largest)
    expect(at).toBeGreaterThan(0)
    tooLarge.copy(bytes, at)
    const error = await failureOf(() => codec.decode(bytes))
    expect(error).toMatchObject({ code: 'EVENT_LONG_UNSAFE', retriable: false })
  })

  test('a branch that the union does not have', async () => {
    const bytes = codec.encode(shipped)
    bytes[bytes.length - 1] = 8 // the last byte says which branch trackingNumber is
    expect(await failureOf(() => codec.decode(bytes))).toMatchObject({ code: 'EVENT_MALFORMED', retriable: false })
  })

  test('bytes after the end', async () => {
    const bytes = Buffer.concat([codec.encode(started), Buffer.from([0])])
    const error = await failureOf(() => codec.decode(bytes))
    expect(error).toMatchObject({ code: 'EVENT_TRAILING_BYTES', facts: { extra: 1 } })
  })

  test('no record at all while the registry is away, and reads it once it is back', async () => {
    const bytes = codec.encode(started)
    let away = true
    const cut = createCodec({
      registry: {
        ...registry,
        async schemaOf(id) {
          if (away) throw new RegistryUnavailable({ url: 'http://127.0.0.1:1' })
          return registry.schemaOf(id)
        },
      },
    })
    expect(await failureOf(() => cut.decode(bytes))).toMatchObject({ code: 'REGISTRY_UNAVAILABLE', retriable: true })
    away = false
    expect(await cut.decode(bytes)).toEqual(started)
  })
})

describe('decoding', () => {
  test('looks an id up once, however many records wait for it', async () => {
    let lookups = 0
    const counting = createCodec({
      registry: {
        ...registry,
        schemaOf(id) {
          lookups += 1
          return registry.schemaOf(id)
        },
      },
    })
    const bytes = codec.encode(started)
    expect(counting.decodeNow(bytes)).toBeUndefined()
    await Promise.all(Array.from({ length: 20 }, () => counting.decode(bytes)))
    expect(counting.decodeNow(bytes)).toEqual(started)
    expect(lookups).toBe(1)
  })

  test("reads a record under the specification's name as the event", async () => {
    const schema = {
      ...schemaOf('OrderStarted'),
      name: 'OrderStartedIntegrationEvent',
      namespace: 'other',
      aliases: [],
    }
    expect(await codec.decode(await recordOf(schema, started))).toEqual(started)
  })
})
