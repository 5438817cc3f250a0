import { keyOf, topicOf } from '#pipelines/flow/bindings.ts'
import type { Part } from '#pipelines/flow/map.ts'
import { type Clock, systemClock } from '#pipelines/kernel/clock.ts'
import { CodedError } from '#pipelines/kernel/errors.ts'
import { failpoints } from '#pipelines/kernel/failpoint.ts'
import { newId } from '#pipelines/kernel/ids.ts'
import type { EventInput, EventType } from '#schemas/generated/events.ts'
import { storedHeaders } from './headers.ts'
import { slotOf } from './slots.ts'
import type { Outbox } from './types.ts'

/** What the outbox needs of a codec. */
export interface Encoder {
  encode(event: EventInput): Buffer
}

export interface OutboxOptions {
  readonly clock?: Clock
  readonly newEventId?: () => string
}

/** A record must fit the broker's limit with room to spare: a larger one would hold back its slot for ever. */
const MAX_PAYLOAD_BYTES = 512 * 1024
const COLUMNS = ['slot', 'topic', 'key', 'event_id', 'event_type', 'payload', 'headers'] as const
/** PostgreSQL takes 65 535 parameters in a statement. */
const ROWS_PER_STATEMENT = 1_000

export const outboxMigrations = `${import.meta.dirname}/migrations`

/** The outbox of a part. The table is in the database of the transactions it is given. */
export function createOutbox<P extends Part>(part: P, codec: Encoder, options: OutboxOptions = {}): Outbox<P> {
  const { clock = systemClock, newEventId = newId } = options
  return {
    // Encodes before it returns: what does not fit is refused before anything is sent.
    publish(tx, drafts, origin = {}) {
      const rows = drafts.map((draft) => {
        const given = draft as { type: EventType; eventId?: string; occurredAt?: number }
        const eventId = given.eventId ?? newEventId()
        const event = { ...given, eventId, occurredAt: given.occurredAt ?? clock.now() } as EventInput
        const key = keyOf(event)
        const headers = JSON.stringify(storedHeaders(part, eventId, origin))
        return [slotOf(key), topicOf(event.type), key, eventId, event.type, encode(codec, event), headers]
      })
      const inserts: Promise<unknown>[] = []
      for (let start = 0; start < rows.length; start += ROWS_PER_STATEMENT) {
        const some = rows.slice(start, start + ROWS_PER_STATEMENT)
        // One statement gives ids in the order of its rows, so a key's events keep the order they were given in.
        inserts.push(tx.query(insertOf(some.length), some.flat()))
      }
      return Promise.all(inserts).then(() => failpoints?.at('outbox.insert.after'))
    },
  }
}

function encode(codec: Encoder, event: EventInput): Buffer {
  const payload = codec.encode(event)
  if (payload.length > MAX_PAYLOAD_BYTES) {
    throw new CodedError(
      'EVENT_TOO_LARGE',
      `${event.type} has ${payload.length} bytes, at most ${MAX_PAYLOAD_BYTES} may be sent`,
      {
        facts: { type: event.type, bytes: payload.length },
      },
    )
  }
  return payload
}

const insertTexts = new Map<number, string>()

/** The insert of so many rows. Always the same text for a number, so that a server-side statement cache can know it. */
function insertOf(rowCount: number): string {
  let text = insertTexts.get(rowCount)
  if (text === undefined) {
    const tuples = Array.from({ length: rowCount }, (_, row) => {
      const first = row * COLUMNS.length + 1
      return `(${COLUMNS.map((_, column) => `$${first + column}`).join(', ')})`
    })
    text = `insert into outbox (${COLUMNS.join(', ')}) values ${tuples.join(', ')}`
    insertTexts.set(rowCount, text)
  }
  return text
}
