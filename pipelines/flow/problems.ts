import type { EventSchema } from '#schemas/generated/events.ts'
import { PARTS, type Topic } from './map.ts'

/** Something the map gets wrong. */
export interface FlowProblem {
  /** A topic, or an event that has none. */
  readonly where: string
  readonly problem: string
}

export type FlowMap = Readonly<Record<string, Topic>>
export type FlowSchemas = Readonly<Record<string, EventSchema>>

/** What Kafka takes as a topic's name, in lower case. */
const TOPIC_NAME = /^[a-z0-9][a-z0-9-]{0,200}$/

/**
 * Proves the map against the schemas: every topic has events with schemas, a key that all of them carry, a producer and a consumer; every schema has its
 * topic; what holds personal data is not kept for ever. Returns what is wrong; nothing if all is well.
 */
export function flowProblems(map: FlowMap, schemas: FlowSchemas): readonly FlowProblem[] {
  return [
    ...Object.entries(map).flatMap(([name, topic]) => [
      ...topicProblems(name, topic),
      ...topic.events.flatMap((event) => eventProblems(name, topic, event, schemas[event])),
    ]),
    ...homelessProblems(map, schemas),
  ].map(([where, problem]) => ({ where, problem }))
}

type Finding = readonly [where: string, problem: string]

function topicProblems(name: string, { events, producer, consumers, retentionMs }: Topic): Finding[] {
  const findings: Finding[] = []
  const known = new Set<string>(PARTS)
  if (!TOPIC_NAME.test(name)) findings.push([name, 'is no name for a topic: lower-case letters, digits and dashes'])
  if (events.length === 0) findings.push([name, 'carries no event'])
  if (consumers.length === 0) findings.push([name, 'has no consumer'])
  if (producer !== 'external' && !known.has(producer)) findings.push([name, `has an unknown producer, ${producer}`])
  for (const consumer of consumers) {
    if (!known.has(consumer)) findings.push([name, `has an unknown consumer, ${consumer}`])
    if (consumer === producer) findings.push([name, `is read by its own producer, ${consumer}`])
  }
  if (new Set(consumers).size < consumers.length) findings.push([name, 'names a consumer twice'])
  if (retentionMs !== undefined && !(retentionMs > 0)) findings.push([name, 'has a retention that is not positive'])
  return findings
}

function eventProblems(
  name: string,
  { key, retentionMs }: Topic,
  event: string,
  schema: EventSchema | undefined,
): Finding[] {
  if (!schema) return [[name, `carries ${event}, which has no schema`]]
  const findings: Finding[] = []
  if (schema.topic !== name) findings.push([name, `carries ${event}, whose schema belongs to ${schema.topic}`])
  const type = fieldType(schema, key)
  if (type === undefined) findings.push([name, `has the key ${key}, which ${event} does not have`])
  else if (type !== 'string') findings.push([name, `has the key ${key}, which is no string in ${event}`])
  if (schema.sensitivePaths.length > 0 && retentionMs === undefined) {
    findings.push([name, `keeps ${event} for ever, with ${schema.sensitivePaths.join(', ')} in it`])
  }
  return findings
}

/** Schemas that no topic, or more than one, carries. */
function homelessProblems(map: FlowMap, schemas: FlowSchemas): Finding[] {
  const carriers = Map.groupBy(
    Object.entries(map).flatMap(([name, { events }]) => events.map((event) => ({ name, event }))),
    ({ event }) => event as string,
  )
  const homeless = Object.keys(schemas).filter((event) => !carriers.has(event))
  const doubled = [...carriers].filter(([, names]) => names.length > 1)
  return [
    ...homeless.map((event): Finding => [event, 'is carried by no topic']),
    ...doubled.map(
      ([event, names]): Finding => [event, `is carried by ${names.map(({ name }) => name).join(' and ')}`],
    ),
  ]
}

/** The Avro type of a record's field, without its logical type. */
function fieldType({ schema }: EventSchema, field: string): unknown {
  const { fields = [] } = JSON.parse(schema) as { fields?: { name: string; type: unknown }[] }
  const type = fields.find(({ name }) => name === field)?.type
  return typeof type === 'object' && type !== null && 'type' in type ? type.type : type
}
