import { createHash } from 'node:crypto'
import Type, { type Static } from 'typebox'
import { scrub } from '#pipelines/kernel/redaction.ts'
import { DEAD_LETTER_STATES, type DeadLetter, type DeadLetterAction } from '#pipelines/stream/dead-letters/store.ts'
import type { Codec } from '#schemas/codec/codec.ts'
import { mask } from '#schemas/codec/mask.ts'
import { Timestamp, Uuid } from '../schemas.ts'

const nullable = <S extends Type.TSchema>(schema: S, options: Type.TSchemaOptions = {}) =>
  Type.Union([schema, Type.Null()], options)

export const StateSchema = Type.Unsafe<(typeof DEAD_LETTER_STATES)[number]>(
  Type.String({ enum: [...DEAD_LETTER_STATES] }),
)

/** A dead letter as a list shows it. */
export const DeadLetterSchema = Type.Object({
  id: Uuid,
  topic: Type.String(),
  partition: Type.Integer(),
  offset: Type.String({ description: 'As text: offsets are 64-bit' }),
  key: nullable(Type.String()),
  eventId: nullable(Type.String()),
  eventType: nullable(Type.String()),
  event: nullable(Type.Record(Type.String(), Type.Unknown()), {
    description: 'The event with its sensitive fields masked; null if it cannot be decoded',
  }),
  code: Type.String(),
  reason: Type.String(),
  attempts: Type.Integer(),
  state: StateSchema,
  recordedAt: Timestamp,
  deadAt: Timestamp,
})

/** A dead letter with all that may be seen of it. */
export const DeadLetterDetail = Type.Object({
  ...DeadLetterSchema.properties,
  headers: Type.Record(Type.String(), Type.String()),
  stack: nullable(Type.String()),
  bytes: nullable(
    Type.Object({
      length: Type.Integer(),
      sha256: Type.String(),
      magicByte: nullable(Type.Integer(), { description: '0 in the Confluent framing' }),
      schemaId: nullable(Type.Integer(), { description: 'What the four bytes after it say' }),
    }),
    { description: 'What the record is made of. The bytes themselves may be sensitive and stay in the database' },
  ),
  decodeError: nullable(Type.String(), { description: 'Why it cannot be decoded now' }),
  forgottenAt: nullable(Timestamp, { description: 'When bytes, headers and key were deleted' }),
  actions: Type.Array(
    Type.Object({
      action: Type.Enum(['REPLAY', 'DISCARD']),
      by: Type.String(),
      outcome: Type.Enum(['DONE', 'UNCHANGED', 'FAILED']),
      reason: nullable(Type.String()),
      at: Timestamp,
    }),
    { description: 'What operators did about it, oldest first' },
  ),
})

type Decoder = Pick<Codec, 'decode'>

export async function deadLetterView(letter: DeadLetter, codec: Decoder): Promise<Static<typeof DeadLetterSchema>> {
  return summary(letter, (await shown(letter, codec)).event)
}

export async function deadLetterDetail(
  letter: DeadLetter,
  actions: readonly DeadLetterAction[],
  codec: Decoder,
): Promise<Static<typeof DeadLetterDetail>> {
  const { event, error } = await shown(letter, codec)
  return {
    ...summary(letter, event),
    headers: Object.fromEntries(
      Object.entries(letter.headers).map(([name, value]) => [scrub(name), scrub(String(value))]),
    ),
    stack: letter.stack,
    bytes: letter.payload && madeOf(letter.payload),
    decodeError: error,
    forgottenAt: letter.forgottenAt?.toISOString() ?? null,
    actions: actions.map(({ at, ...action }) => ({ ...action, at: at.toISOString() })),
  }
}

function summary(letter: DeadLetter, event: Record<string, unknown> | null): Static<typeof DeadLetterSchema> {
  const { id, topic, partition, offset, key, eventId, eventType, attempts, code, state } = letter
  return {
    id,
    topic,
    partition,
    offset,
    key: key === null ? null : scrub(key),
    eventId,
    eventType,
    event,
    code,
    reason: scrub(letter.reason),
    attempts,
    state,
    recordedAt: letter.recordedAt.toISOString(),
    deadAt: letter.deadAt.toISOString(),
  }
}

interface Shown {
  readonly event: Record<string, unknown> | null
  readonly error: string | null
}

async function shown({ payload }: DeadLetter, codec: Decoder): Promise<Shown> {
  if (payload === null) return { event: null, error: null }
  try {
    return { event: scrubbed(mask(await codec.decode(payload))), error: null }
  } catch (error) {
    return { event: null, error: scrub(error instanceof Error ? error.message : String(error)) } // often why it is here
  }
}

/** A foreign producer may have put a card number into a field that is not marked sensitive. */
function scrubbed(event: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const clean = (_name: string, value: unknown) => (typeof value === 'string' ? scrub(value) : value)
  return JSON.parse(JSON.stringify(event, clean)) as Record<string, unknown>
}

const FRAME_BYTES = 5

function madeOf(payload: Buffer) {
  return {
    length: payload.length,
    sha256: createHash('sha256').update(payload).digest('hex'),
    magicByte: payload[0] ?? null,
    schemaId: payload.length >= FRAME_BYTES ? payload.readInt32BE(1) : null,
  }
}
