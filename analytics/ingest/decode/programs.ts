import { CodedError, messageOf } from '#pipelines/kernel/errors.ts'
import { avroType } from '#schemas/codec/avro/avro-type.ts'
import { NotResolvable, UnknownEventType, UnknownSchemaId } from '#schemas/codec/errors.ts'
import { ourTypes } from '#schemas/codec/event-types.ts'
import { HEADER_BYTES, writeHeader } from '#schemas/codec/frame.ts'
import type { SchemaLookup } from '#schemas/codec/registry.ts'
import { type EventType, eventSchemas, type ShopEvent } from '#schemas/generated/events.ts'
import { readWriter } from './avro-schema.ts'
import { compileDecoder, type Program } from './compile.ts'
import { eventFields } from './event-fields.ts'

/** How records of one writer's schema are read. */
export type Reading =
  | {
      readonly kind: 'compiled'
      readonly type: EventType
      readonly program: Program
      /** What a record has beyond our version of the event, as JSON. */
      readonly unknownOf: (value: Buffer) => string
    }
  /** No decoder could be compiled: the record is read as an object and written again by our schema, which `program` reads. */
  | {
      readonly kind: 'rewritten'
      readonly type: EventType
      readonly program: Program
      readonly rewrite: (event: ShopEvent) => Buffer
    }
  /** Nothing of this schema can be stored. */
  | { readonly kind: 'refused'; readonly error: CodedError }

export interface Programs {
  /** What records of this id are read with from now on. Nothing while that is not known for sure. */
  of(id: number): Reading | undefined
  /** As the registry tells now, right or wrong. @throws RegistryUnavailable (retriable), UnknownSchemaId */
  lookUp(id: number): Promise<Reading>
  /** What {@link of} gives from now on: it has read a record. */
  keep(id: number, reading: Reading): void
  /** The schema that {@link lookUp} was told last. */
  schemaOf(id: number): string | undefined
}

/** The id in records that were written again, which no registry gives out. */
const REWRITTEN_ID = 0x7ffffffe

export function createPrograms(registry: Pick<SchemaLookup, 'schemaOf'>): Programs {
  const ours = ourTypes()
  const fields = eventFields()
  const known = new Map<number, Reading>()
  const told = new Map<number, { readonly schema: string; readonly reading: Reading }>()

  function compiled(id: number, schema: string, type: EventType): Reading {
    const own = fields.get(type)
    if (!own) return { kind: 'refused', error: new CodedError('EVENT_NOT_STORED', `${type} has no table`) }
    const writer = readWriter(schema)
    const program = compileDecoder(id, writer, own.stored, own.known)
    const names = new Set(program.unknown)
    let full: { fromBuffer(bytes: Buffer): unknown } | undefined
    return {
      kind: 'compiled',
      type,
      program,
      unknownOf(value) {
        full ??= avroType(schema)
        const record = full.fromBuffer(value.subarray(HEADER_BYTES)) as Readonly<Record<string, unknown>>
        return JSON.stringify(Object.fromEntries([...names].map((name) => [name, record[name]])))
      },
    }
  }

  function rewritten(type: EventType): Reading {
    const own = compiled(REWRITTEN_ID, eventSchemas[type].schema, type)
    if (own.kind !== 'compiled') return own
    return {
      kind: 'rewritten',
      type,
      program: own.program,
      rewrite(event) {
        const body = ours.of(type).toBuffer(event)
        const bytes = Buffer.allocUnsafe(HEADER_BYTES + body.length)
        writeHeader(bytes, REWRITTEN_ID)
        bytes.set(body, HEADER_BYTES)
        return bytes
      },
    }
  }

  function readingOf(id: number, schema: string): Reading {
    let record: string
    try {
      const writer = avroType(schema)
      record = writer.name ?? writer.typeName
      const type = ours.readerOf(record)
      if (type === undefined) return { kind: 'refused', error: new UnknownEventType({ schemaId: id, record }) }
      if (!ours.of(type).equals(writer)) ours.of(type).createResolver(writer, { ignoreNamespaces: true })
      try {
        return compiled(id, schema, type)
      } catch {
        return rewritten(type)
      }
    } catch (error) {
      return { kind: 'refused', error: new NotResolvable({ schemaId: id, reason: messageOf(error) }) }
    }
  }

  return {
    of: (id) => known.get(id),
    async lookUp(id) {
      // No registry gives an id below 1: what a corrupt record asks for must not look like a registry that is not well.
      const schema = id < 1 ? undefined : await registry.schemaOf(id)
      if (schema === undefined) throw new UnknownSchemaId(id)
      const before = told.get(id)
      if (before?.schema === schema) return before.reading // compiled once, however often it is asked for
      const reading = readingOf(id, schema)
      told.set(id, { schema, reading })
      return reading
    },
    keep: (id, reading) => void known.set(id, reading),
    schemaOf: (id) => told.get(id)?.schema,
  }
}
