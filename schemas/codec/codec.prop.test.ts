import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CodedError } from '#pipelines/kernel/errors.ts'
import { type EventType, eventSchemas, eventTypes, type ShopEvent } from '#schemas/generated/events.ts'
import type { AvroField, AvroType, EventRecord } from '../generate/avro.ts'
import { arbitraryEvent, arbitraryRecord } from './arbitrary-event.ts'
import { avroType } from './avro/avro-type.ts'
import { type Codec, createCodec } from './codec.ts'
import { HEADER_BYTES, writeHeader } from './frame.ts'
import { memoryRegistry } from './memory-registry.ts'
import { registerAll } from './register.ts'

const anyType = fc.constantFrom(...eventTypes)
const anyEvent: fc.Arbitrary<ShopEvent> = anyType.chain((type) => arbitraryEvent(type) as fc.Arbitrary<ShopEvent>)

async function codecWithAll(): Promise<Codec> {
  const registry = memoryRegistry()
  await registerAll({ registry })
  const codec = createCodec({ registry })
  await codec.prepare(eventTypes)
  return codec
}

async function codeOf(work: () => unknown): Promise<string | undefined> {
  try {
    await work()
    return undefined
  } catch (error) {
    return error instanceof CodedError ? error.code : `not coded: ${String(error)}`
  }
}

describe.each(eventTypes)('%s', (type) => {
  test('comes back as it was encoded', async () => {
    const codec = await codecWithAll()
    await fc.assert(
      fc.asyncProperty(arbitraryEvent(type), async (event) => {
        expect(await codec.decode(codec.encode(event))).toEqual(event)
      }),
      { numRuns: 60 },
    )
  })

  test('is read from every schema that FULL_TRANSITIVE allows beside ours', async () => {
    const ours = schemaOf(type)
    await fc.assert(
      fc.asyncProperty(otherVersion(ours), async ({ writer, value, expected }) => {
        const registry = memoryRegistry()
        const { id } = await registry.register('any', JSON.stringify(writer))
        const bytes = framed(id, avroType(JSON.stringify(writer)).toBuffer(value))
        expect(await createCodec({ registry }).decode(bytes)).toEqual({ ...expected, type })
      }),
      { numRuns: 40 },
    )
  })
})

test('a record cut anywhere is truncated, never another event', async () => {
  const codec = await codecWithAll()
  await fc.assert(
    fc.asyncProperty(anyEvent, fc.double({ min: 0, max: 1, noNaN: true }), async (event, share) => {
      const bytes = codec.encode(event)
      const cut = 1 + Math.floor(share * (bytes.length - 2))
      expect(await codeOf(() => codec.decode(bytes.subarray(0, cut)))).toBe('EVENT_TRUNCATED')
    }),
    { numRuns: 300 },
  )
})

test('a record with bytes behind it is refused', async () => {
  const codec = await codecWithAll()
  await fc.assert(
    fc.asyncProperty(anyEvent, fc.uint8Array({ minLength: 1 }), async (event, extra) => {
      const bytes = Buffer.concat([codec.encode(event), extra])
      expect(await codeOf(() => codec.decode(bytes))).toBe('EVENT_TRAILING_BYTES')
    }),
    { numRuns: 200 },
  )
})

test('corrupt bytes end in an event or a coded error that no retry helps, quickly', async () => {
  const codec = await codecWithAll()
  const flips = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 8 })
  await fc.assert(
    fc.asyncProperty(anyEvent, flips, async (event, changes) => {
      const bytes = Buffer.from(codec.encode(event))
      for (const [at, value] of changes) bytes[HEADER_BYTES + (at % (bytes.length - HEADER_BYTES))] = value
      const before = performance.now()
      const code = await codeOf(() => codec.decode(bytes))
      expect(performance.now() - before).toBeLessThan(5_000)
      expect([undefined, 'EVENT_TRUNCATED', 'EVENT_TRAILING_BYTES', 'EVENT_LONG_UNSAFE', 'EVENT_MALFORMED']).toContain(
        code,
      )
    }),
    { numRuns: 2_000 },
  )
})

test('a value of a wrong type anywhere is refused where it is published, and named', async () => {
  const codec = await codecWithAll()
  await fc.assert(
    fc.asyncProperty(
      anyEvent,
      fc.nat(),
      fc.constantFrom(1n, Symbol.iterator, true, Number.NaN),
      async (event, at, value) => {
        const names = Object.keys(event).filter((name) => name !== 'type')
        const name = names[at % names.length] as string
        const broken = { ...event, [name]: value } as unknown as ShopEvent
        const refusal = await codeOf(() => codec.encode(broken))
        expect(refusal).toBe('EVENT_DOES_NOT_FIT')
        expect(() => codec.encode(broken)).toThrow(`/${name} must be`)
      },
    ),
    { numRuns: 200 },
  )
})

function schemaOf(type: EventType): EventRecord {
  return JSON.parse(eventSchemas[type].schema) as EventRecord
}

function framed(id: number, avro: Buffer): Buffer {
  const header = Buffer.alloc(HEADER_BYTES)
  writeHeader(header, id)
  return Buffer.concat([header, avro])
}

interface OtherVersion {
  readonly writer: EventRecord
  readonly value: Record<string, unknown>
  readonly expected: Record<string, unknown>
}

/** A schema that lacks some fields with defaults, has others, in another order and namespace, with a symbol more in each enum. */
function otherVersion(ours: EventRecord): fc.Arbitrary<OtherVersion> {
  const defaulted = ours.fields.filter((field) => field.default !== undefined)
  const extra: AvroField[] = [
    { name: 'addedText', type: ['null', 'string'], default: null },
    { name: 'addedList', type: { type: 'array', items: 'long' }, default: [] },
  ]
  return fc
    .record({
      dropped: fc.subarray(defaulted),
      added: fc.subarray(extra),
      namespace: fc.constantFrom(ours.namespace, 'eshop.moved'),
      name: fc.constantFrom(ours.name, ...(ours.aliases ?? [])),
    })
    .chain(({ dropped, added, namespace, name }) => {
      const kept = ours.fields.filter((field) => !dropped.includes(field))
      return fc.shuffledSubarray([...kept, ...added], { minLength: kept.length + added.length }).map((fields) => ({
        dropped,
        writer: { type: 'record' as const, name, namespace, fields: fields.map(withNewSymbol) },
      }))
    })
    .chain(({ dropped, writer }) =>
      arbitraryRecord(writer.fields).map((value) => ({
        writer,
        value,
        expected: {
          ...Object.fromEntries(
            ours.fields.filter((f) => !dropped.includes(f)).map((f) => [f.name, read(value[f.name])]),
          ),
          ...Object.fromEntries(dropped.map((field) => [field.name, field.default])),
        },
      })),
    )
}

const NEW_SYMBOL = 'ADDED_LATER'

function withNewSymbol(field: AvroField): AvroField {
  return { ...field, type: grown(field.type) }
}

function grown(type: AvroType): AvroType {
  if (typeof type === 'string' || Array.isArray(type)) return type
  const one = type as Exclude<AvroType, string | readonly AvroType[]>
  if (one.type === 'enum') return { ...one, symbols: [NEW_SYMBOL, ...one.symbols] }
  if (one.type === 'array') return { ...one, items: grown(one.items) }
  return one.type === 'record' ? { ...one, fields: one.fields.map(withNewSymbol) } : one
}

/** What our version makes of a written value: a symbol it does not know is UNKNOWN. */
function read(value: unknown): unknown {
  if (value === NEW_SYMBOL) return 'UNKNOWN'
  if (Array.isArray(value)) return value.map(read)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, below]) => [name, read(below)]))
}
