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
 * nothing.
 */
export async function bury(database: Database, { consumer, record, reason, attempts, event }: Burial): Promise<void> {
  const { topic, partition, offset, key, value, headers, timestamp } = record
  const { code, reason: text, stack } = reason
  const values = [newId(), consumer, topic, partition, offset, storable(key), event?.eventId, event?.type, value]
  const more = [storable(JSON.stringify(headers)), timestamp, attempts, code, storable(text), storable(stack)]
  await database.transaction(async (tx) => {
    await tx.query(INSERT, [...values, ...more])
    if (event) await claimDead(tx, consumer, event.eventId)
    await forgetAttempts(tx, consumer, record)
  })
}

/** PostgreSQL refuses NUL in text; a foreign key or message with one must not make a record unburiable. */
function storable(text: string | undefined): string | undefined {
  return text?.replaceAll('\u0000', '\ufffd').replaceAll('\\u0000', '\\ufffd')
}
