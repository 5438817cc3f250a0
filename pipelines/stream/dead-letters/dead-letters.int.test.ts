import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { inboxMigrations } from '#pipelines/inbox/inbox.ts'
import { CodedError, Unavailable } from '#pipelines/kernel/errors.ts'
import { newId } from '#pipelines/kernel/ids.ts'
import { silentLog } from '#pipelines/kernel/log.ts'
import { createOutbox, outboxMigrations } from '#pipelines/outbox/outbox.ts'
import { type TestDatabase, testDatabase } from '#pipelines/testing/database.ts'
import type { Codec } from '#schemas/codec/codec.ts'
import { consumerMigrations } from '../consumer/consumer.ts'
import type { OrderStartedHandler } from '../testing/consumer-rig.ts'
import { sampleCodec } from '../testing/sample-codec.ts'
import { sample } from '../testing/sample-events.ts'
import { deadLetter, retry } from '../types.ts'
import { bury } from './bury.ts'
import { createDeadLetters } from './dead-letters.ts'
import { actionsOn, findDeadLetter, forgetBytes, openDeadLetters } from './store.ts'

let database: TestDatabase
let codec: Codec
let offset: number
beforeEach(async () => {
  database = await testDatabase({
    migrations: [outboxMigrations, inboxMigrations, consumerMigrations],
    maxConnections: 20,
  })
  await database.query('create table effects (key text, attempt int)')
  codec = await sampleCodec()
  offset = 7
})
afterEach(() => database.close())

/** The handler after the fix: one row, one event. */
const mended: OrderStartedHandler = async ({ orderId }, { tx, publish, delivery }) => {
  await tx.query('insert into effects values ($1, $2)', [orderId, delivery.attempt])
  await publish(sample.checkout(orderId))
  return { outcome: 'done' }
}
const deadLetters = (handler: OrderStartedHandler) =>
  createDeadLetters('basket', {
    handlers: {
      orders: { OrderStarted: handler },
      'product-price-changes': { ProductPriceChanged: async () => ({ outcome: 'done' }) },
    },
    database,
    codec,
    binder: undefined as never, // a replay must not need a broker
    outbox: createOutbox('basket', codec),
    log: silentLog,
  })

/** A dead letter of an event, as the consumer leaves it. */
async function buried(value?: Buffer): Promise<{ id: string; eventId: string; orderId: string }> {
  const event = { ...sample.orderStarted(newId()), eventId: newId(), occurredAt: 1 }
  const record = {
    topic: 'orders',
    partition: 1,
    offset: String(offset++),
    key: event.orderId,
    value: value ?? codec.encode(event),
    headers: { ce_correlationid: 'story' },
    timestamp: 1_700_000_000_000,
  }
  const reason = { code: 'UNKNOWN_ERROR', reason: 'a bug', stack: undefined }
  await bury(database, { consumer: 'basket', record, reason, attempts: 5, event: value ? undefined : event })
  const [row] = await database.query<{ id: string }>('select id from dead_letters order by id desc limit 1')
  return { id: row?.id ?? '', eventId: event.eventId, orderId: event.orderId }
}

const effects = () => database.query('select key, attempt from effects')
const events = async () => (await database.query('select 1 from outbox')).length
const stateOf = async (id: string) => (await findDeadLetter(database, 'basket', id))?.state
const inbox = (eventId: string) => database.query('select state from inbox where event_id = $1', [eventId])

describe('replaying a dead letter', () => {
  it('has its effect once, with its events, in one transaction with its new state', async () => {
    const { id, eventId, orderId } = await buried()
    const { replay } = deadLetters(mended)
    expect(await replay(id, 'otto')).toEqual({ kind: 'done', state: 'REPLAYED', changed: true, note: 'handled' })
    expect(await replay(id, 'otto')).toEqual({
      kind: 'done',
      state: 'REPLAYED',
      changed: false,
      note: 'handled before',
    })
    expect(await effects()).toEqual([{ key: orderId, attempt: 6 }])
    expect(await events()).toBe(1)
    expect(await inbox(eventId)).toEqual([{ state: 'DONE' }])
    expect(await actionsOn(database, id)).toMatchObject([
      { action: 'REPLAY', by: 'otto', outcome: 'DONE', reason: 'handled' },
      { action: 'REPLAY', by: 'otto', outcome: 'UNCHANGED', reason: 'handled before' },
    ])
  })

  it('has its effect once when many operators ask at the same moment', async () => {
    const { id } = await buried()
    const { replay } = deadLetters(mended)
    const acted = await Promise.all(Array.from({ length: 12 }, (_, who) => replay(id, `operator-${who}`)))
    expect(acted.filter((one) => one.kind === 'done' && one.changed)).toHaveLength(1)
    expect(await effects()).toHaveLength(1)
    expect(await events()).toBe(1)
    expect(await actionsOn(database, id)).toHaveLength(12)
  })

  it.each([
    ['asks for a retry', async () => retry('no such order'), 'RETRY_ASKED'],
    ['refuses it', async () => deadLetter('nonsense'), 'REJECTED'],
    [
      'throws something unknown',
      async () => {
        throw new TypeError('the bug is still there')
      },
      'UNKNOWN_ERROR',
    ],
    [
      'throws what no retry helps',
      async () => {
        throw new CodedError('BROKEN_RULE', 'no')
      },
      'BROKEN_RULE',
    ],
  ] as const)('leaves nothing behind but the audit when the handler %s', async (_what, then, code) => {
    const { id, eventId } = await buried()
    const { replay } = deadLetters(async (event, context) => {
      await mended(event, context)
      return then()
    })
    expect(await replay(id, 'otto')).toMatchObject({ kind: 'refused', code })
    expect([await effects(), await events(), await stateOf(id)]).toEqual([[], 0, 'OPEN'])
    expect(await inbox(eventId)).toEqual([{ state: 'DEAD' }])
    expect(await actionsOn(database, id)).toMatchObject([{ outcome: 'FAILED', reason: expect.stringContaining(code) }])
    expect(await deadLetters(mended).replay(id, 'otto')).toMatchObject({ changed: true }) // after the fix
  })

  it('throws while something is away, and counts that as no try', async () => {
    const { id } = await buried()
    const { replay } = deadLetters(async () => {
      throw new Unavailable('CATALOG_AWAY', 'away')
    })
    await expect(replay(id, 'otto')).rejects.toThrow(Unavailable)
    expect(await actionsOn(database, id)).toEqual([])
  })

  it('says that the handler ignored it, which ends it as well', async () => {
    const { id } = await buried()
    const { replay } = deadLetters(async () => ({ outcome: 'ignored', reason: 'the order is Paid' }))
    expect(await replay(id, 'otto')).toMatchObject({ changed: true, note: 'ignored: the order is Paid' })
    expect(await stateOf(id)).toBe('REPLAYED')
  })

  it('refuses what still cannot be decoded, and runs it once it can', async () => {
    const event = { ...sample.orderStarted(newId()), eventId: newId(), occurredAt: 1 }
    const { id } = await buried(codec.encode(event).subarray(0, 9))
    expect(await deadLetters(mended).replay(id, 'otto')).toMatchObject({ kind: 'refused' })
    await database.query('update dead_letters set payload = $2 where id = $1', [id, codec.encode(event)])
    expect(await deadLetters(mended).replay(id, 'otto')).toMatchObject({ kind: 'done', changed: true })
    expect(await inbox(event.eventId)).toEqual([{ state: 'DONE' }])
  })

  it('does not handle again what was finished under another position', async () => {
    const { id, eventId } = await buried()
    await database.query("update inbox set state = 'DONE' where event_id = $1", [eventId])
    expect(await deadLetters(mended).replay(id, 'otto')).toMatchObject({ kind: 'done', changed: false })
    expect(await effects()).toEqual([])
    expect(await stateOf(id)).toBe('REPLAYED')
  })

  it('knows only its own: an unknown id, and that of another consumer, are unknown', async () => {
    const { id } = await buried()
    await database.query("update dead_letters set consumer = 'ordering'")
    for (const one of [id, newId()]) expect(await deadLetters(mended).replay(one, 'otto')).toEqual({ kind: 'unknown' })
    expect(await effects()).toEqual([])
  })
})

describe('discarding a dead letter', () => {
  it('ends it for good: it can no longer be replayed, nor discarded twice with effect', async () => {
    const { id, eventId } = await buried()
    const { discard, replay } = deadLetters(mended)
    expect(await discard(id, 'otto', 'a test order')).toMatchObject({ state: 'DISCARDED', changed: true })
    expect(await discard(id, 'otto', 'again')).toMatchObject({ state: 'DISCARDED', changed: false })
    expect(await replay(id, 'otto')).toEqual({ kind: 'ended', state: 'DISCARDED' })
    expect(await effects()).toEqual([])
    expect(await inbox(eventId)).toEqual([{ state: 'DEAD' }]) // a repetition of the event stays dead as well
    expect(await actionsOn(database, id)).toMatchObject([
      { action: 'DISCARD', by: 'otto', outcome: 'DONE', reason: 'a test order' },
      { action: 'DISCARD', by: 'otto', outcome: 'UNCHANGED', reason: 'again' },
    ])
  })

  it('does not undo a replay', async () => {
    const { id } = await buried()
    const { discard, replay } = deadLetters(mended)
    await replay(id, 'otto')
    expect(await discard(id, 'otto', 'too late')).toEqual({ kind: 'ended', state: 'REPLAYED' })
  })
})

describe('the bytes of dead letters', () => {
  it('are forgotten after their time, with headers and key; the fact is not', async () => {
    const [old, young] = [await buried(), await buried()]
    await database.query("update dead_letters set created_at = created_at - interval '2 days' where id = $1", [old.id])
    expect(await forgetBytes(database, 'basket', 24 * 3_600_000)).toBe(false)
    const letter = await findDeadLetter(database, 'basket', old.id)
    expect(letter).toMatchObject({
      payload: null,
      headers: {},
      key: null,
      state: 'OPEN',
      reason: 'a bug',
      eventId: old.eventId,
    })
    expect(letter?.forgottenAt).toBeInstanceOf(Date)
    expect((await findDeadLetter(database, 'basket', young.id))?.payload).toBeInstanceOf(Buffer)
    expect(await deadLetters(mended).replay(old.id, 'otto')).toMatchObject({ kind: 'refused', code: 'BYTES_FORGOTTEN' })
    expect(await deadLetters(mended).discard(old.id, 'otto', 'too old')).toMatchObject({ changed: true })
    expect(await openDeadLetters(database, 'basket')).toEqual([{ topic: 'orders', letters: 1 }])
  })
})
