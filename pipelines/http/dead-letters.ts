import Type from 'typebox'
import type { Part } from '#pipelines/flow/map.ts'
import type { Database } from '#pipelines/kernel/database.ts'
import { scrub } from '#pipelines/kernel/redaction.ts'
import type { Codec } from '#schemas/codec/codec.ts'
import { mask } from '#schemas/codec/mask.ts'
import { decodeCursor, pageOf, pageQuery, toPage } from './pages.ts'
import { Timestamp, Uuid } from './schemas.ts'
import type { HttpApp, Routes } from './types.ts'

interface Row {
  id: string
  topic: string
  partition: number
  offset: string
  key: string | null
  event_id: string | null
  event_type: string | null
  payload: Buffer | null
  recorded_at: Date
  attempts: number
  code: string
  reason: string
  state: string
  created_at: Date
}

const DeadLetter = Type.Object({
  id: Uuid,
  topic: Type.String(),
  partition: Type.Integer(),
  offset: Type.String({ description: 'As text: offsets are 64-bit' }),
  key: Type.Union([Type.String(), Type.Null()]),
  eventId: Type.Union([Type.String(), Type.Null()]),
  eventType: Type.Union([Type.String(), Type.Null()]),
  event: Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()], {
    description: 'The event with its sensitive fields masked; null if it cannot be decoded',
  }),
  code: Type.String(),
  reason: Type.String(),
  attempts: Type.Integer(),
  state: Type.String({ enum: ['OPEN', 'REPLAYED', 'DISCARDED'] }),
  recordedAt: Timestamp,
  deadAt: Timestamp,
})

const STATES = ['OPEN', 'REPLAYED', 'DISCARDED'] as const
const Position = Type.String({ format: 'uuid' })
const LAST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff'

/** What this service's consumer could not handle, newest first, for operators. Bytes and headers stay in the database. */
export function deadLetterRoutes(part: Part, database: Database, codec: Pick<Codec, 'decode'>): Routes {
  async function view(row: Row) {
    const { topic, partition, offset, key, attempts, code, state } = row
    return {
      id: row.id,
      topic,
      partition,
      offset: String(offset),
      key: key === null ? null : scrub(key),
      eventId: row.event_id,
      eventType: row.event_type,
      event: await shown(row.payload, codec),
      code,
      reason: scrub(row.reason),
      attempts,
      state,
      recordedAt: row.recorded_at.toISOString(),
      deadAt: row.created_at.toISOString(),
    }
  }

  return (app: HttpApp) => {
    app.get(
      '/v1/dead-letters',
      {
        config: { access: ['operator'] },
        schema: {
          tags: ['operation'],
          summary: 'Records this service could not handle',
          querystring: Type.Object({
            ...pageQuery,
            state: Type.Optional(Type.Unsafe<(typeof STATES)[number]>(Type.String({ enum: [...STATES] }))),
          }),
          response: { 200: pageOf(DeadLetter) },
        },
      },
      async ({ query }) => {
        const before = query.cursor === undefined ? LAST_ID : decodeCursor(query.cursor, Position)
        // Ids are UUIDv7: newest first, along the primary key from where the page before ended.
        const rows = await database.query<Row>(
          `select id, topic, partition, "offset", key, event_id, event_type, payload, recorded_at, attempts, code, reason, state, created_at
           from dead_letters where consumer = $1 and id < $2 and ($3::text is null or state = $3)
           order by id desc limit $4`,
          [part, before, query.state ?? null, query.limit + 1],
        )
        const { items, nextCursor } = toPage(
          rows,
          query.limit,
          ({ id }) => id,
          (row) => row,
        )
        return { items: await Promise.all(items.map(view)), nextCursor }
      },
    )
  }
}

async function shown(payload: Buffer | null, codec: Pick<Codec, 'decode'>): Promise<Record<string, unknown> | null> {
  if (payload === null) return null
  try {
    return scrubbed(mask(await codec.decode(payload)))
  } catch {
    return null // undecodable: that is often why it is here
  }
}

/** A foreign producer may have put a card number into a field that is not marked sensitive. */
function scrubbed(event: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const clean = (_name: string, value: unknown) => (typeof value === 'string' ? scrub(value) : value)
  return JSON.parse(JSON.stringify(event, clean)) as Record<string, unknown>
}
