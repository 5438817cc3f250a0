import { CodedError, messageOf } from '#pipelines/kernel/errors.ts'
import { scrub } from '#pipelines/kernel/redaction.ts'
import { dateTime64 } from '../tables/values.ts'
import type { LogRecord, Place } from './source.ts'

/** The type of the row that stands in `events` for a record nobody could read. */
export const DEAD_LETTER = 'DeadLetter'

const LAST_MILLIS = Date.UTC(2200, 0, 1)

/** The row of a record that cannot be read, as a line of JSON: its bytes, where it lies, and why. */
export function deadLetterRow({ topic, partition }: Place, record: LogRecord, error: unknown): string {
  const { offset, timestamp } = record
  const recordedAt = timestamp >= 0 && timestamp < LAST_MILLIS ? timestamp : 0
  const headers = Object.entries(record.headers).map(([name, value]) => [name, scrub(String(value))])
  return JSON.stringify({
    topic,
    partition,
    offset,
    recorded_at: dateTime64(recordedAt),
    code: error instanceof CodedError ? error.code : 'UNEXPECTED',
    reason: scrub(messageOf(error)),
    key_base64: record.key?.toString('base64') ?? null,
    value_base64: record.value?.toString('base64') ?? null,
    headers: Object.fromEntries(headers),
  })
}
