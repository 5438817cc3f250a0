import type { Counter } from 'prom-client'
import type { Publisher } from '#pipelines/http/publisher.ts'
import { SECOND } from '#pipelines/kernel/clock.ts'
import type { Loop } from '#pipelines/kernel/loop.ts'
import { takeHeldTooLong } from './store/reservations.ts'

const BATCH = 50

export interface ResendOptions {
  readonly publisher: Pick<Publisher<'catalog'>, 'transaction' | 'publish'>
  /** Milliseconds a reservation is held until ordering is told again. */
  readonly resendAfterMs: number
  readonly resent: Pick<Counter, 'inc'>
}

/**
 * Sends the answers of reservations again that are held for too long: the same content, a new event id. Ordering ignores it while the
 * order is on its way, and answers one that has ended with how it ended: so the catalog learns what a dead letter swallowed, and no
 * unit stays reserved for ever.
 */
export function resendAnswers({ publisher, resendAfterMs, resent }: ResendOptions): Loop {
  return {
    name: 'resend-answers',
    everyMs: Math.min(5 * SECOND, resendAfterMs),
    async run(signal) {
      let taken = BATCH
      while (taken === BATCH && !signal.aborted) {
        taken = await publisher.transaction(async (tx) => {
          const answers = await takeHeldTooLong(tx, BATCH, resendAfterMs)
          if (answers.length > 0) await publisher.publish(tx, answers)
          return answers.length
        })
        resent.inc(taken)
      }
    },
  }
}
