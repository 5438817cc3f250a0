import type avsc from 'avsc'
import { type CodedError, messageOf } from '#pipelines/kernel/errors.ts'
import type { EventType, ShopEvent } from '#schemas/generated/events.ts'
import { avroType } from './avro/avro-type.ts'
import { LongUnsafe, Malformed, NotResolvable, TrailingBytes, Truncated, UnknownEventType } from './errors.ts'
import type { OurTypes } from './event-types.ts'
import { HEADER_BYTES } from './frame.ts'

/** Reads framed records of one writer's schema as events of ours. */
export type Decode = (bytes: Buffer) => ShopEvent

type AvroType = avsc.Type
type Resolver = ReturnType<AvroType['createResolver']>

/**
 * Makes the decoder of one registered schema. What is wrong with the schema itself is thrown by each call, as each record of it is
 * undecodable: `NotResolvable`, `UnknownEventType`. What is wrong with a record: `Truncated`, `TrailingBytes`, `LongUnsafe`, `Malformed`.
 */
export function decoderFor(schemaId: number, writerSchema: string, ours: OurTypes): Decode {
  let writer: AvroType
  try {
    writer = avroType(writerSchema)
  } catch (error) {
    return refuse(() => new NotResolvable({ schemaId, reason: messageOf(error) }))
  }
  const record = writer.name ?? writer.typeName
  const type = ours.readerOf(record)
  if (type === undefined) return refuse(() => new UnknownEventType({ schemaId, record }))
  const reader = ours.of(type)
  if (reader.equals(writer)) return reading(schemaId, type, reader)
  try {
    // Namespaces are ignored as in the registry's rules (Avro, schema resolution): a record that moved stays readable.
    return reading(schemaId, type, reader, reader.createResolver(writer, { ignoreNamespaces: true }))
  } catch (error) {
    return refuse(() => new NotResolvable({ schemaId, type, reason: messageOf(error) }))
  }
}

function reading(schemaId: number, type: EventType, reader: AvroType, resolver?: Resolver): Decode {
  return (bytes) => {
    let result: { value: { type?: EventType }; offset: number }
    try {
      result = reader.decode(bytes, HEADER_BYTES, resolver)
    } catch (error) {
      if (error instanceof LongUnsafe) throw new LongUnsafe({ schemaId })
      throw new Malformed(schemaId, error)
    }
    const { value, offset } = result
    if (offset < 0) throw new Truncated({ schemaId, length: bytes.length })
    if (offset < bytes.length) throw new TrailingBytes({ schemaId, length: bytes.length, extra: bytes.length - offset })
    value.type = type
    return value as ShopEvent
  }
}

function refuse(error: () => CodedError): Decode {
  return () => {
    throw error()
  }
}
