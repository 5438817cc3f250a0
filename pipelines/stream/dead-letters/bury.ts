import { claimDead } from '#pipelines/inbox/inbox.ts'
import type { Database } from '#pipelines/kernel/database.ts'
import { newId } from '#pipelines/kernel/ids.ts'
import type { IncomingRecord } from '../binders/types.ts'
import { forgetAttempts } from '../consumer/attempts.ts'
import type { Reason } from '../consumer/verdict.ts'

export interface Burial {
  readonly consumer: string
  readonly record: IncomingRecord
  readonly reason: Reason
  readonly attempts: number
  /** If the record could be decoded. */
  readonly event: { readonly eventId: string; readonly type: string } | undefined
}

const INSERT = `
  insert into dead_letters (id, consumer, topic, partition, "offset", key, event_id, event_type, payload, headers,
    recorded_at, attempts, code, reason, stack)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, to_timestamp($11::float8 / 1000), $12, $13, $14, $15)
  on conflict (consumer, topic, partition, "offset") do nothing`

/**
 * Keeps a record that cannot be handled, with its original bytes, in a transaction of its own. Again for the same position changes
 * nothing, nor does it for an event that is finished: a partition's new owner may have handled what the old one still failed at.
 * Returns whether it was dead-lettered.
 */
export async function bury(database: Database, burial: Burial): Promise<boolean> {
  const { consumer, record, reason, attempts, event } = burial
  const { topic, partition, offset, key, value, headers, timestamp } = record
  const { code, reason: text, stack } = reason
  const values = [newId(), consumer, topic, partition, offset, storable(key), event?.eventId, event?.type, value]
  const more = [storable(JSON.stringify(headers)), timestamp, attempts, code, storable(text), storable(stack)]
  return await database.transaction(async (tx) => {
    // 1. The inbox row: whoever has it decides what becomes of the event. What could not be decoded has none.
    const isOurs = event === undefined || (await claimDead(tx, consumer, event.eventId))
    // 2. The dead letter, only of what nobody has finished.
    if (isOurs) await tx.query(INSERT, [...values, ...more])
    await forgetAttempts(tx, consumer, record)
    return isOurs
  })
}

/** PostgreSQL refuses NUL in text; a foreign key or message with one must not make a record unburiable. */
function storable(text: string | undefined): string | undefined {
  return text?.replaceAll('\u0000', '\ufffd').replaceAll('\\u0000', '\\ufffd')
}
