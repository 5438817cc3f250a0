import type { Publisher } from '#pipelines/http/publisher.ts'
import { MINUTE, SECOND } from '#pipelines/kernel/clock.ts'
import type { Database } from '#pipelines/kernel/database.ts'
import type { Loop } from '#pipelines/kernel/loop.ts'
import { deleteExpired } from './store/baskets.ts'
import { takeForResend } from './store/checkouts.ts'

const RESEND_BATCH = 50
const EXPIRE_BATCH = 500

export interface ResendOptions {
  readonly publisher: Pick<Publisher<'basket'>, 'transaction' | 'publish'>
  readonly resendAfterMs: number
}

/**
 * Sends checkouts again that ordering has not taken over in time: same order id and content, new event id. Ordering answers a
 * repetition, so this converges whatever was lost on the way.
 */
export function resendCheckouts({ publisher, resendAfterMs }: ResendOptions): Loop {
  return {
    name: 'resend-checkouts',
    everyMs: 5 * SECOND,
    async run(signal) {
      let taken = RESEND_BATCH
      while (taken === RESEND_BATCH && !signal.aborted) {
        taken = await publisher.transaction(async (tx) => {
          const events = await takeForResend(tx, RESEND_BATCH, resendAfterMs)
          if (events.length > 0) await publisher.publish(tx, events)
          return events.length
        })
      }
    },
  }
}

/** Removes open baskets that nobody has touched for their time to live. */
export function expireBaskets(database: Database): Loop {
  return {
    name: 'expire-baskets',
    everyMs: MINUTE,
    async run(signal) {
      while (!signal.aborted && (await deleteExpired(database, EXPIRE_BATCH)) === EXPIRE_BATCH);
    },
  }
}
