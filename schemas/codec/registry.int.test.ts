import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { beforeAll, describe, expect, inject, test } from 'vitest'
import { eventSchemas, eventTypes, type ShopEvent } from '#schemas/generated/events.ts'
import type { EventRecord } from '../generate/avro.ts'
import { arbitraryEvent } from './arbitrary-event.ts'
import { avroType } from './avro/avro-type.ts'
import { type Codec, createCodec } from './codec.ts'
import { schemaRegisterCommand } from './commands.ts'
import { HEADER_BYTES, writeHeader } from './frame.ts'
import { httpRegistry } from './http-registry.ts'
import { registerAll } from './register.ts'

const registryUrl = inject('registryUrl')
const registry = httpRegistry({ registryUrl })

/** A subject of this test's own: the registry is shared with other runs. */
function newSubject(): string {
  return `test-${randomUUID()}`
}

function orderStarted(): EventRecord {
  return JSON.parse(eventSchemas.OrderStarted.schema) as EventRecord
}

beforeAll(async () => {
  await registerAll({ registryUrl })
})

describe('registering', () => {
  test('again changes nothing and gives the same ids', async () => {
    const first = await registerAll({ registryUrl })
    expect(first.map((entry) => entry.created)).toEqual(eventTypes.map(() => false))
    expect(await registerAll({ registryUrl })).toEqual(first)
    expect(await registry.compatibility()).toBe('FULL_TRANSITIVE')
  })

  test('at the same time from two places ends the same', async () => {
    const [one, other] = await Promise.all([registerAll({ registryUrl }), registerAll({ registryUrl })])
    expect(one).toEqual(other)
  })

  test("an incompatible change is refused with the registry's reason", async () => {
    const subject = newSubject()
    const schema = orderStarted()
    await registry.register(subject, JSON.stringify(schema))
    const required = { ...schema, fields: [...schema.fields, { name: 'added', type: 'string', doc: 'No default.' }] }
    await expect(registry.register(subject, JSON.stringify(required))).rejects.toMatchObject({
      code: 'SCHEMA_INCOMPATIBLE',
      facts: { subject, reason: expect.stringMatching(/\w+/) },
    })
  })

  test('a compatible change is the next version', async () => {
    const subject = newSubject()
    const schema = orderStarted()
    const first = await registry.register(subject, JSON.stringify(schema))
    const grown = { ...schema, fields: [...schema.fields, { name: 'added', type: 'string', default: '', doc: 'New.' }] }
    const second = await registry.register(subject, JSON.stringify(grown))
    expect(first.version).toBe(1)
    expect(second.version).toBe(2)
    expect(second.id).not.toBe(first.id)
  })

  test('text that is no schema is refused', async () => {
    const refused = registry.register(newSubject(), '{"type": "record"}')
    await expect(refused).rejects.toMatchObject({ code: 'SCHEMA_INVALID' })
  })

  test('by command prints what was done, for people and for programs', async () => {
    let text = ''
    const run = (...flags: string[]) =>
      schemaRegisterCommand((more) => {
        text += more
      }).parseAsync(['--registry', registryUrl, ...flags], { from: 'user' })
    await run()
    expect(text).toContain(`${eventTypes.length} schemas, 0 of them new`)
    text = ''
    await run('--json')
    expect(JSON.parse(text)).toHaveLength(eventTypes.length)
  })
})

describe('a codec with the registry', () => {
  let codec: Codec

  beforeAll(async () => {
    codec = createCodec({ registryUrl })
    await codec.prepare(eventTypes)
  })

  test.each(eventTypes)('reads %s as another process wrote it', async (type) => {
    const reader = createCodec({ registryUrl })
    for (const event of fc.sample(arbitraryEvent(type) as fc.Arbitrary<ShopEvent>, 3))
      expect(await reader.decode(codec.encode(event))).toEqual(event)
  })

  test('reads an older and a newer version of a schema', async () => {
    const subject = newSubject()
    const schema = JSON.parse(eventSchemas.OrderStatusChangedToShipped.schema) as EventRecord
    const older = { ...schema, fields: schema.fields.filter((field) => field.name !== 'carrier') }
    const newer = { ...schema, fields: [{ name: 'added', type: 'string', default: '', doc: 'New.' }, ...schema.fields] }
    const [event] = fc.sample(arbitraryEvent('OrderStatusChangedToShipped'), 1)
    if (!event) expect.unreachable()
    for (const [writer, expected] of [
      [older, { ...event, carrier: null }],
      [newer, event],
    ] as const) {
      const { id } = await registry.register(subject, JSON.stringify(writer))
      const header = Buffer.alloc(HEADER_BYTES)
      writeHeader(header, id)
      const value = avroType(JSON.stringify(writer)).toBuffer({ ...event, added: 'x' })
      expect(await codec.decode(Buffer.concat([header, value]))).toEqual(expected)
    }
  })

  test.each([2_000_000_000, 2 ** 31 - 1, 0, -1, -(2 ** 31)])(
    'refuses the id %i, which the registry never gave',
    async (id) => {
      const bytes = Buffer.alloc(20)
      writeHeader(bytes, id)
      await expect(codec.decode(bytes)).rejects.toMatchObject({ code: 'EVENT_SCHEMA_UNKNOWN', retriable: false })
    },
  )

  test('does not start with a schema that nobody registered', async () => {
    expect(await registry.find(newSubject(), eventSchemas.OrderStarted.schema)).toBeUndefined()
    const subject = newSubject()
    await registry.register(subject, '{"type": "record", "name": "Other", "fields": []}')
    expect(await registry.find(subject, eventSchemas.OrderStarted.schema)).toBeUndefined()
  })
})
