import { canonicalForm } from '../avro/canonical.ts'
import { describe, type Field, fieldNamed, type Schema } from '../avro/schema.ts'
import { atName } from '../compat/explain.ts'
import type { Observation } from '../finding.ts'
import { counterpart } from './changes.ts'

/** Which topic carries which events under which key: what the caller knows of the system around the schemas. */
export interface FlowMapData {
  readonly topics: Readonly<Record<string, TopicData>>
}

export interface TopicData {
  /** Full names of records, or short ones. */
  readonly events: readonly string[]
  /** The field of every event of the topic that is the record key. */
  readonly key?: string
}

/** The topics that carry a record. */
export function topicsOf(map: FlowMapData, root: Schema): readonly (TopicData & { readonly topic: string })[] {
  if (root.type !== 'record') return []
  return Object.entries(map.topics)
    .filter(([, { events }]) => events.includes(root.fullName) || events.includes(root.name))
    .map(([topic, data]) => ({ topic, ...data }))
}

/** What the map says about an event as it is now. */
export function checkAgainstMap(map: FlowMapData, root: Schema): readonly Observation[] {
  if (root.type !== 'record') return []
  const place = { source: root.source, pointer: `${root.pointer}/name` }
  const topics = topicsOf(map, root)
  if (topics.length === 0) {
    const message = 'no topic of the flow map carries this event'
    return [
      {
        rule: 'EVENT_WITHOUT_TOPIC',
        place,
        field: '',
        message,
        fix: 'add it to a topic of the map, or remove the file',
      },
    ]
  }
  return topics.flatMap(({ topic, key }): Observation[] => {
    if (key === undefined || fieldNamed(root, key) !== undefined) return []
    const message = `topic ${topic} is keyed by ${key}, and the event has no such field`
    return [{ rule: 'KEY_FIELD_MISSING', place, field: '', message, fix: `add the field ${key}` }]
  })
}

/** What the map says about a change: the key of a topic must stay what it is on the wire. */
export function keyChanges(map: FlowMapData, now: Schema, old: Schema): readonly Observation[] {
  if (now.type !== 'record' || old.type !== 'record') return []
  return topicsOf(map, now).flatMap(({ topic, key }): Observation[] => {
    const field = key === undefined ? undefined : fieldNamed(now, key)
    const before = field === undefined ? undefined : counterpart(field, old)
    if (field === undefined || before === undefined || wireType(field) === wireType(before)) return []
    const message = `key of topic ${topic} changed its type from ${describe(before.schema)} to ${describe(field.schema)}`
    const fix = `keep ${describe(before.schema)}; another key needs another topic`
    return [{ rule: 'KEY_FIELD_TYPE_CHANGED', place: atName(field), field: field.name, message, fix }]
  })
}

function wireType({ schema }: Field): string {
  return `${canonicalForm(schema)} ${schema.logical?.name ?? ''}`
}
