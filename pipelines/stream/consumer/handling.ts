import type { PublishedBy } from '#pipelines/flow/bindings.ts'
import type { Part, TopicName } from '#pipelines/flow/map.ts'
import { claim } from '#pipelines/inbox/inbox.ts'
import { underway } from '#pipelines/kernel/database.ts'
import { CodedError, Unavailable } from '#pipelines/kernel/errors.ts'
import { failpoints } from '#pipelines/kernel/failpoint.ts'
import { isUuid } from '#pipelines/kernel/ids.ts'
import type { Draft } from '#pipelines/outbox/types.ts'
import { eventSchemas, type ShopEvent } from '#schemas/generated/events.ts'
import type { IncomingRecord } from '../binders/types.ts'
import type { Delivery, HandlerContext, Outcome } from '../types.ts'
import { forgetAttempts } from './attempts.ts'
import type { ConsumerOptions } from './types.ts'
import { RolledBack, reasonOf, type Verdict, verdictOf } from './verdict.ts'

export interface Try {
  readonly record: IncomingRecord
  /** This try's number, from 1. */
  readonly attempt: number
  /** Whether the attempts table has a row of it, to be deleted with its success. */
  readonly isCounted: boolean
}

export interface Handled {
  readonly verdict: Verdict
  /** If the record could be decoded. */
  readonly event: ShopEvent | undefined
}

type AnyHandler<P extends Part> = (event: ShopEvent, context: HandlerContext<P>) => Promise<Outcome>

/**
 * One try of one record: decoded, and its inbox row, effect and published events committed in one transaction, or none of them. Never throws.
 */
export function recordHandling<P extends Part>(
  part: P,
  options: ConsumerOptions<P>,
): (attempt: Try) => Promise<Handled> {
  const { database, codec, outbox, log, onPublished } = options
  const handlers = options.handlers as unknown as Record<string, Record<string, AnyHandler<P>> | undefined>

  /** Undefined for a newer producer's event, which this version of the code has no name for. */
  async function decode({ value, headers }: IncomingRecord): Promise<ShopEvent | undefined> {
    if (value === null) throw new CodedError('EVENT_EMPTY', 'the record has no value')
    const event = await codec.decode(value).catch((error) => {
      if (error instanceof CodedError && error.code === 'EVENT_TYPE_UNKNOWN') return undefined
      throw error
    })
    // A registry that gives another schema for an id would have an event passed over, or taken for one that it is not.
    const said = headers.ce_type
    if (said !== undefined && said !== event?.type && isEventType(said)) throw new TypeDiffers(said, event?.type)
    if (event === undefined) return undefined
    if (!isUuid(event.eventId)) throw new CodedError('EVENT_ID_INVALID', 'the event has no UUID as its id')
    return event
  }

  async function handle(
    handler: AnyHandler<P>,
    event: ShopEvent,
    { record, attempt, isCounted }: Try,
  ): Promise<Verdict> {
    const delivery = deliveryOf(record, event, attempt)
    let after: (() => void)[] = []
    let published = 0
    const commit = database.transaction(async (tx) => {
      if (failpoints) await failpoints.at('inbox.claim.before')
      const drafts: Draft<PublishedBy<P>>[] = []
      after = []
      // The handler's first statement travels with the claim and runs after it, so it waits wherever the claim waits. What it did on a
      // repetition is rolled back.
      const claimed = claim(tx, part, event.eventId)
      const handled = handler(event, {
        tx,
        delivery,
        log,
        // Written at the end, in one statement: by then every row that owns a key is locked.
        async publish(...more) {
          drafts.push(...more)
        },
        afterCommit: (work) => void after.push(work),
      })
      handled.catch(() => {}) // of a repetition nobody asks
      if (!(await claimed)) throw new AlreadyFinished()
      if (failpoints) await failpoints.at('inbox.claim.after')
      const result = await handled
      if (failpoints) await failpoints.at('handler.state.after')
      if (result.outcome === 'retry' || result.outcome === 'dead-letter') throw new RolledBack(result)
      if (drafts.length > 0) {
        const { correlationId = event.eventId, traceparent } = delivery
        await underway(outbox.publish(tx, drafts, { correlationId, causationId: event.eventId, traceparent }))
      }
      if (isCounted) await forgetAttempts(tx, part, record)
      published = drafts.length
      return result
    })
    const outcome = await commit.catch((error) => {
      if (error instanceof AlreadyFinished) return 'duplicate' as const
      throw error
    })
    if (outcome === 'duplicate') {
      // Else a repetition that a crash counted each time would be dead-lettered at last, and replayed, though it is done.
      if (isCounted) await forgetAttempts(database, part, record)
      return { kind: 'finished', as: 'duplicate' }
    }
    if (published > 0) onPublished?.()
    for (const work of after) runAfterCommit(work)
    return outcome.outcome === 'ignored'
      ? { kind: 'finished', as: 'ignored', reason: outcome.reason }
      : { kind: 'finished', as: 'done' }
  }

  async function skip({ record, isCounted }: Try): Promise<Verdict> {
    if (isCounted) await forgetAttempts(database, part, record)
    return { kind: 'finished', as: 'unknown-type' }
  }

  function runAfterCommit(work: () => void) {
    try {
      work()
    } catch (error) {
      log.warn({ err: error }, 'work after a commit failed; the commit stands')
    }
  }

  return async (attempt) => {
    let event: ShopEvent | undefined
    try {
      event = await decode(attempt.record)
    } catch (error) {
      return { verdict: undecodedVerdict(error), event }
    }
    try {
      const handler = event && handlers[attempt.record.topic]?.[event.type]
      return { verdict: await (event && handler ? handle(handler, event, attempt) : skip(attempt)), event }
    } catch (error) {
      return { verdict: verdictOf(error), event }
    }
  }
}

/** Rolls a repetition back. */
class AlreadyFinished extends CodedError {
  constructor() {
    super('ALREADY_FINISHED', 'the inbox has this event')
  }
}

/** The schema that the registry gave is of another event than the record says it is. */
class TypeDiffers extends CodedError {
  constructor(said: string, read: string | undefined) {
    super('EVENT_TYPE_DIFFERS', `the record says that it is ${said}, its schema is that of ${read ?? 'something else'}`)
  }
}

/** What a registry that lags or is wrong makes of a good record. It may be right a moment later: tried again, and counted. */
const DOUBTFUL = new Set(['EVENT_SCHEMA_UNKNOWN', 'EVENT_TYPE_DIFFERS'])

/** Only this record wants the registry: while it is away this key waits, and nobody else, as all other versions are known. */
function undecodedVerdict(error: unknown): Verdict {
  if (error instanceof Unavailable) return { kind: 'later', reason: reasonOf(error, error.code) }
  if (error instanceof CodedError && DOUBTFUL.has(error.code))
    return { kind: 'failed', reason: reasonOf(error, error.code) }
  return verdictOf(error)
}

function isEventType(name: string): boolean {
  return name in eventSchemas
}

function deliveryOf(record: IncomingRecord, event: ShopEvent, attempt: number): Delivery {
  const { topic, partition, offset, key = '', headers, timestamp } = record
  return {
    topic: topic as TopicName,
    partition,
    offset,
    key,
    eventId: event.eventId,
    correlationId: headers.ce_correlationid,
    traceparent: headers.traceparent,
    timestamp,
    attempt,
  }
}
