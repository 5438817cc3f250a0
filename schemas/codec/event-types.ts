import { type EventType, eventSchemas, eventTypes } from '#schemas/generated/events.ts'
import { type AvroRecordType, avroType } from './avro/avro-type.ts'

/** Our own schemas as compiled Avro types, each compiled when it is first asked for. */
export interface OurTypes {
  of(type: EventType): AvroRecordType
  /** The event that reads records of this name: its own name or one of its aliases, without namespace. */
  readerOf(record: string): EventType | undefined
}

export function ourTypes(): OurTypes {
  const compiled = new Map<EventType, AvroRecordType>()
  let byName: ReadonlyMap<string, EventType> | undefined
  return {
    of(type) {
      let found = compiled.get(type)
      if (!found) {
        found = avroType(eventSchemas[type].schema) as AvroRecordType
        compiled.set(type, found)
      }
      return found
    },
    readerOf(record) {
      // Only readers need it: a program that publishes one event starts without looking at all of them.
      byName ??= new Map(eventTypes.flatMap((type) => namesOf(type).map((name) => [name, type] as const)))
      return byName.get(unqualified(record))
    },
  }
}

/** The subject of an event: TopicRecordNameStrategy. */
export function subjectOf(type: EventType): string {
  const { topic, fullName } = eventSchemas[type]
  return `${topic}-${fullName}`
}

function unqualified(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1)
}

function namesOf(type: EventType): readonly string[] {
  const { aliases = [] } = JSON.parse(eventSchemas[type].schema) as { aliases?: readonly string[] }
  return [type, ...aliases.map(unqualified)]
}
