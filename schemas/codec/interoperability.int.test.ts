import { SchemaRegistry } from '@kafkajs/confluent-schema-registry'
import { expect, inject, test } from 'vitest'
import { eventSchemas, type OrderStarted } from '#schemas/generated/events.ts'
import { createCodec } from './codec.ts'
import { subjectOf } from './event-types.ts'
import { httpRegistry } from './http-registry.ts'
import { registerAll } from './register.ts'

/** Teams that read our topics with the field's usual library must be able to, and we must read what they write. */

const event: OrderStarted = {
  type: 'OrderStarted',
  eventId: '019a0000-0000-7000-8000-000000000001',
  occurredAt: 1_763_836_259_471,
  orderId: '019a0000-0000-7000-8000-000000000002',
  version: 1,
  customerId: 'alice',
  placedAt: 1_763_836_259_000,
  basketId: '019a0000-0000-7000-8000-000000000003',
  basketVersion: 4,
}

test('what we publish, @kafkajs/confluent-schema-registry decodes', async () => {
  const registryUrl = inject('registryUrl')
  await registerAll({ registryUrl })
  const codec = createCodec({ registryUrl })
  await codec.prepare(['OrderStarted'])
  const decoded: Record<string, unknown> = await new SchemaRegistry({ host: registryUrl }).decode(codec.encode(event))
  expect({ ...decoded, type: 'OrderStarted' }).toEqual(event)
})

test('what @kafkajs/confluent-schema-registry encodes, we decode', async () => {
  const registryUrl = inject('registryUrl')
  await registerAll({ registryUrl })
  const theirs = new SchemaRegistry({ host: registryUrl })
  const subject = subjectOf('OrderStarted')
  const id = await theirs.getLatestSchemaId(subject)
  const { type: _, ...fields } = event
  expect(await createCodec({ registryUrl }).decode(await theirs.encode(id, fields))).toEqual(event)
  expect((await httpRegistry({ registryUrl }).find(subject, eventSchemas.OrderStarted.schema))?.id).toBe(id)
})
