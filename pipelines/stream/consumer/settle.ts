import type { Database } from '#pipelines/kernel/database.ts'
import { CodedError } from '#pipelines/kernel/errors.ts'
import { backoffMs, pause } from '#pipelines/kernel/lifecycle.ts'
import type { Log } from '#pipelines/kernel/log.ts'
import type { IncomingRecord } from '../binders/types.ts'
import { bury } from '../dead-letters/bury.ts'
import { countAttempt } from './attempts.ts'
import type { Handled, Try } from './handling.ts'
import type { Limiter } from './limiter.ts'
import type { ConsumerMetrics } from './metrics.ts'
import type { Outage } from './outage.ts'
import type { Tuning } from './types.ts'
import { type Reason, reasonOf, type Verdict, verdictOf } from './verdict.ts'

export interface SettleOptions {
  readonly consumer: string
  readonly database: Database
  readonly handle: (attempt: Try) => Promise<Handled>
  readonly outage: Outage
  readonly limiter: Limiter
  readonly metrics: ConsumerMetrics
  readonly log: Log
  readonly tuning: Tuning
}

export interface Settling {
  readonly record: IncomingRecord
  /** Tries counted before this process or assignment. */
  readonly attempts: number
  /** Count the try before it is made: the process may not survive it. */
  readonly isSuspect: boolean
  /** Told while the record waits on purpose, so that nobody takes that for a standstill. */
  readonly waiting: (isWaiting: boolean) => void
}

/**
 * Tries a record until it is finished: handled, or dead-lettered. Resolves with whether it is; false when the signal aborted first. Never
 * throws.
 */
export function recordSettling(options: SettleOptions) {
  const { consumer, database, handle, outage, limiter, metrics, log, tuning } = options
  const { maxAttempts } = tuning

  return async (settling: Settling, signal: AbortSignal): Promise<boolean> => {
    const { record, isSuspect, waiting } = settling
    let { attempts } = settling
    let isCountedAhead = false
    let tries = 0
    let last: Handled | undefined

    /** One try, or the burial once there is nothing else left. What the database answers is a verdict like any other. */
    async function step(): Promise<Verdict> {
      try {
        if (last?.verdict.kind === 'hopeless') return await buried(last.verdict.reason)
        if (isSuspect && !isCountedAhead) {
          attempts = await countAttempt(database, consumer, record, Math.max(2, attempts + 1))
          isCountedAhead = true
          if (attempts > maxAttempts) return { kind: 'hopeless', reason: KILLS }
        }
        const startedAt = performance.now()
        const handled = await handle({
          record,
          attempt: isCountedAhead ? attempts : attempts + 1,
          isCounted: attempts > 0,
        })
        metrics.handled(handled.event?.type ?? 'unknown', (performance.now() - startedAt) / 1000)
        last = handled
        if (handled.verdict.kind !== 'failed') return handled.verdict
        if (!isCountedAhead) attempts = await countAttempt(database, consumer, record)
        isCountedAhead = false
        return attempts >= maxAttempts ? { kind: 'hopeless', reason: handled.verdict.reason } : handled.verdict
      } catch (error) {
        const verdict = verdictOf(error)
        // Bookkeeping that fails for another reason than an absent database is tried again like anything that can succeed later.
        return verdict.kind === 'outage' ? verdict : { kind: 'later', reason: reasonOf(error, codeOf(error)) }
      }
    }

    async function buried(reason: Reason): Promise<Verdict> {
      const event = last?.event
      const isDead = await bury(database, { consumer, record, reason, attempts: Math.max(attempts, 1), event })
      if (!isDead) return { kind: 'finished', as: 'duplicate' } // somebody else has finished it
      metrics.buried(record.topic, reason.code)
      const { topic, partition, offset } = record
      log.error({ topic, partition, offset, attempts, eventId: event?.eventId, ...reason }, 'dead-lettered')
      return { kind: 'finished', as: 'dead-letter' }
    }

    for (;;) {
      waiting(outage.code !== undefined)
      await outage.passed(signal)
      const verdict = signal.aborted
        ? undefined
        : await limiter.run(() => {
            waiting(false)
            return signal.aborted ? Promise.resolve(undefined) : step()
          })
      if (verdict === undefined) {
        outage.notTried()
        return false
      }
      if (verdict.kind === 'outage') {
        outage.begin(verdict.error)
        metrics.retried(record.topic, verdict.error.code)
        continue
      }
      outage.over()
      if (verdict.kind === 'finished') {
        metrics.finished(record, last?.event?.type ?? 'unknown', verdict.as)
        return true
      }
      if (verdict.kind === 'hopeless') {
        last = { event: last?.event, verdict }
        continue
      }
      tries += 1
      metrics.retried(record.topic, verdict.reason.code)
      const { code, reason } = verdict.reason
      const { topic, partition, offset } = record
      log.warn({ topic, partition, offset, attempts, code, reason }, 'will be tried again')
      waiting(true)
      await pause(
        backoffMs(Math.max(attempts, tries), { baseMs: tuning.backoffMs, capMs: tuning.backoffCapMs }),
        signal,
      )
    }
  }
}

const KILLS: Reason = {
  code: 'PROCESS_KILLED',
  reason: 'the process ended each time while this record was handled',
  stack: undefined,
}

function codeOf(error: unknown): string {
  return error instanceof CodedError ? error.code : 'UNKNOWN_ERROR'
}
