import { type Codec, createCodec } from '#schemas/codec/codec.ts'
import { subjectOf } from '#schemas/codec/event-types.ts'
import { memoryRegistry } from '#schemas/codec/memory-registry.ts'
import { eventSchemas, eventTypes } from '#schemas/generated/events.ts'

/** The real codec on a registry in memory that holds every schema. */
export async function sampleCodec(): Promise<Codec> {
  const registry = memoryRegistry()
  for (const type of eventTypes) await registry.register(subjectOf(type), eventSchemas[type].schema)
  const codec = createCodec({ registry })
  await codec.prepare(eventTypes)
  return codec
}
