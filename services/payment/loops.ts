import type { Counter } from 'prom-client'
import type { Publisher } from '#pipelines/http/publisher.ts'
import { SECOND } from '#pipelines/kernel/clock.ts'
import type { Loop } from '#pipelines/kernel/loop.ts'
import { succeededEvent } from './answers.ts'
import { takeUnseen } from './store.ts'

const BATCH = 50

export interface ResendOptions {
  readonly publisher: Pick<Publisher<'payment'>, 'transaction' | 'publish'>
  /** Milliseconds without ordering's word until it is told again. */
  readonly resendAfterMs: number
  readonly resent: Pick<Counter, 'inc'>
}

/**
 * Tells ordering again of captured payments whose outcome was never seen: the same content, a new event id. Ordering answers an order
 * that has ended with how it ended: so a cancellation that a dead letter swallowed is learned of, and the money goes back.
 */
export function resendAnswers({ publisher, resendAfterMs, resent }: ResendOptions): Loop {
  return {
    name: 'resend-answers',
    everyMs: Math.min(5 * SECOND, resendAfterMs),
    async run(signal) {
      let taken = BATCH
      while (taken === BATCH && !signal.aborted) {
        taken = await publisher.transaction(async (tx) => {
          const payments = await takeUnseen(tx, BATCH, resendAfterMs)
          if (payments.length > 0) await publisher.publish(tx, payments.map(succeededEvent))
          return payments.length
        })
        resent.inc(taken)
      }
    },
  }
}
