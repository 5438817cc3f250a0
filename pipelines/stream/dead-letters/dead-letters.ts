import type { PublishedBy } from '#pipelines/flow/bindings.ts'
import type { Part, TopicName } from '#pipelines/flow/map.ts'
import { claimReplayed } from '#pipelines/inbox/inbox.ts'
import type { Tx } from '#pipelines/kernel/database.ts'
import { CodedError } from '#pipelines/kernel/errors.ts'
import { scrub } from '#pipelines/kernel/redaction.ts'
import type { Draft } from '#pipelines/outbox/types.ts'
import type { ShopEvent } from '#schemas/generated/events.ts'
import type { ConsumerOptions } from '../consumer/types.ts'
import { RolledBack, verdictOf } from '../consumer/verdict.ts'
import type { Delivery, HandlerContext, Outcome } from '../types.ts'
import { type DeadLetter, endDeadLetter, findDeadLetter, lockDeadLetter, noteAction } from './store.ts'

/** What came of an operator's wish. */
export type Acted =
  /** It is so now. `changed` is false if it was so before. */
  | {
      readonly kind: 'done'
      readonly state: 'REPLAYED' | 'DISCARDED'
      readonly changed: boolean
      readonly note: string
    }
  | { readonly kind: 'unknown' }
  /** It is REPLAYED or DISCARDED, and cannot become the other. */
  | { readonly kind: 'ended'; readonly state: 'REPLAYED' | 'DISCARDED' }
  /** The record still cannot be handled: nothing of the try is left, it stays OPEN. */
  | { readonly kind: 'refused'; readonly code: string; readonly reason: string }

/** What operators can do about the dead letters of one part's consumer. */
export interface DeadLetters {
  /**
   * Runs the part's handler on the record again, as if it were delivered now: inbox row, effect, published events and the letter's new
   * state are one transaction. Nothing is sent to the topic, so no other group sees it. A second replay changes nothing.
   * @throws Unavailable; a retriable CodedError
   */
  replay(id: string, by: string): Promise<Acted>
  /** Gives the record up. @throws Unavailable */
  discard(id: string, by: string, reason: string): Promise<Acted>
}

type AnyHandler<P extends Part> = (event: ShopEvent, context: HandlerContext<P>) => Promise<Outcome>

export function createDeadLetters<P extends Part>(part: P, options: ConsumerOptions<P>): DeadLetters {
  const { database, codec, outbox, onPublished } = options
  const log = options.log.child({ group: part })
  const handlers = options.handlers as unknown as Record<string, Record<string, AnyHandler<P>> | undefined>

  /** @throws CodedError when there is nothing that could be run */
  async function read({
    payload,
    forgottenAt,
    topic,
  }: DeadLetter): Promise<{ event: ShopEvent; handler: AnyHandler<P> }> {
    if (forgottenAt)
      throw new CodedError('BYTES_FORGOTTEN', 'its bytes were deleted as it is old: it can only be discarded')
    if (payload === null) throw new CodedError('EVENT_EMPTY', 'the record has no value')
    const event = await codec.decode(payload)
    const handler = handlers[topic]?.[event.type]
    if (!handler) throw new CodedError('EVENT_NOT_HANDLED', `${part} has no handler of ${event.type} on ${topic}`)
    return { event, handler }
  }

  /** The record's effect, within the transaction. */
  async function run(tx: Tx, letter: DeadLetter, { event, handler }: { event: ShopEvent; handler: AnyHandler<P> }) {
    const drafts: Draft<PublishedBy<P>>[] = []
    const after: (() => void)[] = []
    const delivery = deliveryOf(letter, event)
    const outcome = await handler(event, {
      tx,
      delivery,
      log,
      async publish(...more) {
        drafts.push(...more)
      },
      afterCommit: (work) => void after.push(work),
    })
    if (outcome.outcome === 'retry' || outcome.outcome === 'dead-letter') throw new RolledBack(outcome)
    const { correlationId = event.eventId, traceparent } = delivery
    if (drafts.length > 0) await outbox.publish(tx, drafts, { correlationId, causationId: event.eventId, traceparent })
    const note = outcome.outcome === 'ignored' ? `ignored: ${scrub(outcome.reason)}` : 'handled'
    return { note, after }
  }

  async function replayNow(letter: DeadLetter, by: string): Promise<Acted> {
    const readable = await read(letter)
    let afterCommit: readonly (() => void)[] = []
    const acted = await database.transaction(async (tx): Promise<Acted> => {
      afterCommit = []
      const state = await lockDeadLetter(tx, part, letter.id)
      if (state === undefined) return { kind: 'unknown' }
      if (state === 'DISCARDED') return { kind: 'ended', state }
      const isOurs = state === 'OPEN' && (await claimReplayed(tx, part, readable.event.eventId))
      // Not ours: it is replayed, or an equal record (sent twice under one event id) was.
      const { note, after } = isOurs ? await run(tx, letter, readable) : { note: 'handled before', after: [] }
      if (state === 'OPEN') await endDeadLetter(tx, letter.id, 'REPLAYED')
      await noteAction(tx, letter.id, { action: 'REPLAY', by, outcome: isOurs ? 'DONE' : 'UNCHANGED', reason: note })
      afterCommit = after
      return { kind: 'done', state: 'REPLAYED', changed: isOurs, note }
    })
    onPublished?.()
    for (const work of afterCommit) hurry(work)
    return acted
  }

  function hurry(work: () => void): void {
    try {
      work()
    } catch (error) {
      log.warn({ err: error }, 'work after a commit failed; the commit stands')
    }
  }

  return {
    async replay(id, by) {
      const letter = await findDeadLetter(database, part, id)
      if (!letter) return { kind: 'unknown' }
      try {
        const acted = await replayNow(letter, by)
        log.info({ deadLetter: id, by, acted }, 'a dead letter was replayed')
        return acted
      } catch (error) {
        const verdict = verdictOf(error)
        if (verdict.kind !== 'failed' && verdict.kind !== 'hopeless') throw error
        const { code, reason } = verdict.reason
        await noteAction(database, id, { action: 'REPLAY', by, outcome: 'FAILED', reason: `${code}: ${reason}` })
        log.warn({ deadLetter: id, by, code, reason }, 'a dead letter could not be replayed')
        return { kind: 'refused', code, reason }
      }
    },

    async discard(id, by, reason) {
      const acted = await database.transaction(async (tx): Promise<Acted> => {
        const state = await lockDeadLetter(tx, part, id)
        if (state === undefined) return { kind: 'unknown' }
        if (state === 'REPLAYED') return { kind: 'ended', state }
        const changed = state === 'OPEN'
        if (changed) await endDeadLetter(tx, id, 'DISCARDED')
        await noteAction(tx, id, { action: 'DISCARD', by, outcome: changed ? 'DONE' : 'UNCHANGED', reason })
        return { kind: 'done', state: 'DISCARDED', changed, note: reason }
      })
      log.info({ deadLetter: id, by, acted }, 'a dead letter was given up')
      return acted
    },
  }
}

function deliveryOf(letter: DeadLetter, event: ShopEvent): Delivery {
  const { topic, partition, offset, key, headers, recordedAt, attempts } = letter
  return {
    topic: topic as TopicName,
    partition,
    offset,
    key: key ?? '',
    eventId: event.eventId,
    correlationId: headers.ce_correlationid,
    traceparent: headers.traceparent,
    timestamp: recordedAt.getTime(),
    attempt: attempts + 1,
  }
}
