import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { CodedError } from '#pipelines/kernel/errors.ts'
import type { EventRecord } from './avro.ts'

/** One `.avsc` file: the folder is the topic, the file the event. */
export interface EventSource {
  readonly topic: string
  readonly file: string
  readonly schema: EventRecord
}

/**
 * Reads `<directory>/<topic>/<Event>.avsc`, sorted by event.
 * @throws CodedError `SCHEMA_UNREADABLE` (not JSON, not a record with a namespace), `SCHEMA_MISNAMED` (record and file differ, two
 *   topics hold an event of one name, or a field is called `type`)
 */
export function readEvents(directory: string): readonly EventSource[] {
  const files = readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.avsc'))
  const events = files.map((file) => readEvent(directory, file))
  events.sort((a, b) => (a.schema.name < b.schema.name ? -1 : 1))
  for (const [i, event] of events.entries()) {
    const other = events[i + 1]
    if (other?.schema.name === event.schema.name)
      throw misnamed(event.file, `"${event.schema.name}" stands in ${other.file} too: an event has one topic`)
  }
  return events
}

function readEvent(directory: string, file: string): EventSource {
  const schema = parse(directory, file)
  if (`${schema.name}.avsc` !== basename(file)) throw misnamed(file, `it holds the record "${schema.name}"`)
  if (schema.fields.some((field) => field.name === 'type'))
    throw misnamed(file, 'a field cannot be called "type": in TypeScript that names the event')
  return { topic: dirname(file), file, schema }
}

function parse(directory: string, file: string): EventRecord {
  let schema: EventRecord
  try {
    schema = JSON.parse(readFileSync(join(directory, file), 'utf8')) as EventRecord
  } catch (cause) {
    throw unreadable(file, 'it is not JSON', cause)
  }
  if (schema?.type !== 'record' || typeof schema.name !== 'string' || !Array.isArray(schema.fields))
    throw unreadable(file, 'an event is a record with a name and fields')
  if (typeof schema.namespace !== 'string') throw unreadable(file, 'it has no namespace, so its subject has no name')
  return schema
}

function unreadable(file: string, why: string, cause?: unknown): CodedError {
  return new CodedError('SCHEMA_UNREADABLE', `${file}: ${why}`, { facts: { file }, cause })
}

function misnamed(file: string, why: string): CodedError {
  return new CodedError('SCHEMA_MISNAMED', `${file}: ${why}`, { facts: { file } })
}
