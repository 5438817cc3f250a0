import { CodedError, messageOf } from '#pipelines/kernel/errors.ts'
import { scrub } from '#pipelines/kernel/redaction.ts'
import type { EventType, ShopEvent } from '#schemas/generated/events.ts'
import { columnsOfEvents } from '../tables/columns.ts'
import { orderPatchOf } from '../tables/order-row.ts'
import { dateTime64, timeValue, uuidValue } from '../tables/values.ts'
import type { LogRecord, Place } from './source.ts'

/** A record ready to be written, each part as a line of JSON. */
export interface Entry extends Place {
  readonly offset: number
  /** Its row in `events`. */
  readonly event: string
  /** What it says about an order. */
  readonly order?: string
  /** Its row in `dead_letters`, if it could not be read. */
  readonly dead?: string
  /** As it was read, should the database refuse the rows made of it. */
  readonly record: LogRecord
  /** Memory it holds, about. */
  readonly bytes: number
}

/** The type of the row that stands in `events` for a record nobody could read. */
export const DEAD_LETTER = 'DeadLetter'

const LAST_MILLIS = Date.UTC(2200, 0, 1)

function placed({ topic, partition }: Place, { offset, timestamp }: LogRecord) {
  const recordedAt = timestamp >= 0 && timestamp < LAST_MILLIS ? timestamp : 0
  return { topic, partition, offset, recorded_at: dateTime64(recordedAt) }
}

function entry(
  place: Place,
  record: LogRecord,
  rows: { event: object; order?: object | undefined; dead?: object },
): Entry {
  const event = JSON.stringify(rows.event)
  const order = rows.order && JSON.stringify(rows.order)
  const dead = rows.dead && JSON.stringify(rows.dead)
  const bytes = event.length + (order?.length ?? 0) + (dead?.length ?? 0) + (record.value?.length ?? 0)
  return {
    topic: place.topic,
    partition: place.partition,
    offset: record.offset,
    event,
    record,
    bytes,
    ...(order && { order }),
    ...(dead && { dead }),
  }
}

/** Makes entries of events, with the columns of their schemas. */
export function entryMaker(): (place: Place, record: LogRecord, event: ShopEvent) => Entry {
  const columns = columnsOfEvents() as ReadonlyMap<
    string,
    NonNullable<ReturnType<ReturnType<typeof columnsOfEvents>['get']>>
  >
  const eventId = uuidValue('eventId')
  const occurredAt = timeValue('occurredAt')
  /** @throws ValueOutOfRange, CodedError `EVENT_NOT_STORED`: both mean a dead letter */
  return (place, record, event) => {
    const own = columns.get(event.type)
    if (!own) throw new CodedError('EVENT_NOT_STORED', `${event.type satisfies EventType} has no table`)
    const row: Record<string, unknown> = {
      ...placed(place, record),
      type: event.type,
      event_id: eventId(event.eventId),
      occurred_at: occurredAt(event.occurredAt),
    }
    const fields = event as unknown as Readonly<Record<string, unknown>>
    for (const { field, name, convert } of own) row[name] = convert(fields[field])
    return entry(place, record, { event: row, order: orderPatchOf(event) })
  }
}

/** The entry of a record that cannot be read: its bytes and why, and a row in `events` that says it was seen. */
export function deadEntry(place: Place, record: LogRecord, error: unknown): Entry {
  const at = placed(place, record)
  const headers = Object.entries(record.headers).map(([name, value]) => [name, scrub(String(value))])
  const dead = {
    ...at,
    code: error instanceof CodedError ? error.code : 'UNEXPECTED',
    reason: scrub(messageOf(error)),
    key_base64: record.key?.toString('base64') ?? null,
    value_base64: record.value?.toString('base64') ?? null,
    headers: Object.fromEntries(headers),
  }
  return entry(place, record, { event: { ...at, type: DEAD_LETTER }, dead })
}
