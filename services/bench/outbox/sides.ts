import { setTimeout as sleep } from 'node:timers/promises'
import { silentLog } from '#pipelines/kernel/log.ts'
import { recordHeaders, type StoredHeaders } from '#pipelines/outbox/headers.ts'
import { createRelay } from '#pipelines/outbox/relay.ts'
import type { OutgoingRecord } from '#pipelines/outbox/types.ts'
import { sendThrough } from '#pipelines/stream/partitioner.ts'
import { draftOf, type Ground } from './ground.ts'

/** What one side did. */
export interface Measured {
  readonly events: number
  readonly seconds: number
}

async function timed(events: number, work: () => Promise<void>): Promise<Measured> {
  const startedAt = performance.now()
  await work()
  return { events, seconds: (performance.now() - startedAt) / 1000 }
}

async function drained({ database }: Ground): Promise<void> {
  const unsent = async () => (await database.query('select 1 from outbox where sent_at is null limit 1')).length > 0
  while (await unsent()) await sleep(20)
}

/** The relay on a backlog, from its start to the last mark. */
export async function relayBacklog(ground: Ground, events: number): Promise<Measured> {
  const relay = createRelay({ database: ground.database, send: sendThrough(ground.binder), log: silentLog })
  try {
    return await timed(events, () => {
      relay.start()
      return drained(ground)
    })
  } finally {
    await relay.close()
  }
}

/** Writers and the relay in one process at the same time: transactions of ten events, the relay kicked after each. */
export async function relayLive(ground: Ground, events: number, keys: readonly string[]): Promise<Measured> {
  const relay = createRelay({ database: ground.database, send: sendThrough(ground.binder), log: silentLog })
  const writers = 4
  relay.start()
  try {
    return await timed(events, async () => {
      await Promise.all(
        Array.from({ length: writers }, async (_, writer) => {
          // Each writer owns its keys, as a locked row would make it.
          const own = keys.filter((_, i) => i % writers === writer)
          for (let sent = 0; sent < events / writers; sent += 10) {
            const drafts = Array.from({ length: 10 }, (_, i) => {
              const n = sent + i
              return draftOf(own[n % own.length] as string, Math.floor(n / own.length) + 1)
            })
            await ground.database.transaction((tx) => ground.outbox.publish(tx, drafts))
            relay.kick()
          }
        }),
      )
      await drained(ground)
    })
  } finally {
    await relay.close()
  }
}

/** The simplest relay that keeps the order: the first unsent row, sent, marked, the next. */
export function oneByOne(ground: Ground, events: number): Promise<Measured> {
  const send = sendThrough(ground.binder)
  return timed(events, async () => {
    for (;;) {
      const [row] = await ground.database.query<Row>('select * from outbox where sent_at is null order by id limit 1')
      if (!row) return
      await send([recordOf(row)])
      await ground.database.query('update outbox set sent_at = clock_timestamp() where id = $1', [row.id])
    }
  })
}

/** The ceiling: the same records through the same producer in batches of the relay's size, without a table. */
export async function bareProducer(ground: Ground, events: number): Promise<Measured> {
  const rows = await ground.database.query<Row>('select * from outbox order by id limit $1', [events])
  const records = rows.map(recordOf)
  const send = sendThrough(ground.binder)
  await send([])
  return timed(records.length, async () => {
    for (let from = 0; from < records.length; from += 2_048) await send(records.slice(from, from + 2_048))
  })
}

interface Row extends Record<string, unknown> {
  readonly id: number
  readonly topic: string
  readonly key: string
  readonly event_id: string
  readonly event_type: string
  readonly payload: Buffer
  readonly headers: StoredHeaders
}

function recordOf({ topic, key, payload, event_id, event_type, headers }: Row): OutgoingRecord {
  return { topic, key, value: payload, headers: recordHeaders(event_id, event_type, headers) }
}
