import type { EventInput, EventType, ShopEvent } from '#schemas/generated/events.ts'
import { eventSchemas } from '#schemas/generated/events.ts'
import { type Decode, decoderFor } from './decoder.ts'
import { encoder } from './encoder.ts'
import { NotResolvable, SchemasNotRegistered, UnknownEventType, UnknownSchemaId } from './errors.ts'
import { ourTypes, subjectOf } from './event-types.ts'
import { schemaIdOf } from './frame.ts'
import { type HttpRegistryOptions, httpRegistry } from './http-registry.ts'
import type { SchemaLookup } from './registry.ts'

export interface Codec {
  /**
   * Looks up the schema ids of the types that will be encoded, by content. Call it once at start with everything this part publishes.
   * @throws SchemasNotRegistered naming every subject that is missing, RegistryUnavailable
   */
  prepare(types: readonly EventType[]): Promise<void>
  /**
   * The event as a record's value: Confluent framing, Avro binary. Properties that the schema does not name are not written.
   * @throws DoesNotFit naming every field that differs, NotPrepared
   */
  encode(event: EventInput): Buffer
  /**
   * Reads a record written with any registered version, older or newer, as our version of the event.
   * @throws RegistryUnavailable (retriable); NotFramed, UnknownSchemaId, Truncated, TrailingBytes, Malformed, LongUnsafe,
   *   NotResolvable, UnknownEventType (no retry helps)
   */
  decode(bytes: Buffer): Promise<ShopEvent>
  /** Like {@link decode} but at once; nothing if the record's schema was not yet looked up, which {@link decode} then does. */
  decodeNow(bytes: Buffer): ShopEvent | undefined
}

export type CodecOptions = HttpRegistryOptions | { readonly registry: SchemaLookup }

/** A schema that reads no record of ours may be the wrong answer of a registry: after so long it is asked again. */
const REFUSED_FOR_MS = 500

export function createCodec(options: CodecOptions): Codec {
  const registry = 'registry' in options ? options.registry : httpRegistry(options)
  const ours = ourTypes()
  const ids = new Map<EventType, number>()
  const decoders = new Map<number, Decode>()
  /** Ids whose schema has read a record: the registry's answer was right. Until then it is asked again. */
  const proven = new Set<number>()
  /** Until when what refuses every record of an id is not asked for again. Milliseconds of `performance.now`. */
  const refusing = new Map<number, number>()
  const underway = new Map<number, Promise<Decode>>()

  async function fetchDecoder(id: number): Promise<Decode> {
    // No registry gives an id below 1: what a corrupt record asks for must not look like a registry that is not well.
    const schema = id < 1 ? undefined : await registry.schemaOf(id)
    if (schema === undefined) throw new UnknownSchemaId(id) // not remembered: a registry that is restored may know it
    const decode = decoderFor(id, schema, ours)
    decoders.set(id, decode)
    return decode
  }

  /** One lookup per id, however many records of it wait. A failed one is forgotten, so that the next record tries again. */
  function lookUp(id: number): Promise<Decode> {
    let pending = underway.get(id)
    if (!pending) {
      pending = fetchDecoder(id).finally(() => underway.delete(id))
      underway.set(id, pending)
    }
    return pending
  }

  return {
    async prepare(types) {
      const found = await Promise.all(
        types.map(async (type) => ({ type, entry: await registry.find(subjectOf(type), eventSchemas[type].schema) })),
      )
      const missing = found.filter(({ entry }) => entry === undefined)
      if (missing.length > 0) throw new SchemasNotRegistered(missing.map(({ type }) => subjectOf(type)))
      for (const { type, entry } of found) if (entry) ids.set(type, entry.id)
    },

    encode: encoder(ours, ids),

    async decode(bytes) {
      const id = schemaIdOf(bytes)
      const isSettled = proven.has(id) || (refusing.get(id) ?? 0) > performance.now()
      const decode = (isSettled && decoders.get(id)) || (await lookUp(id))
      try {
        const event = decode(bytes)
        proven.add(id)
        return event
      } catch (error) {
        // From when it was told, not from the last refusal: else who reads record after record would never ask again.
        if (!isSettled && (error instanceof UnknownEventType || error instanceof NotResolvable))
          refusing.set(id, performance.now() + REFUSED_FOR_MS)
        throw error
      }
    },

    decodeNow(bytes) {
      return decoders.get(schemaIdOf(bytes))?.(bytes)
    },
  }
}
