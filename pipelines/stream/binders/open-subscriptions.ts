import { type Closable, closer } from '#pipelines/kernel/lifecycle.ts'
import type { Subscription } from './types.ts'

/** The subscriptions of a binder that are to be closed with it. One that was closed before is kept no longer: consumers join anew for years. */
export interface OpenSubscriptions extends Closable {
  /** Returns the subscription to give out in its place. */
  add(subscription: Subscription): Subscription
  readonly size: number
}

export function openSubscriptions(): OpenSubscriptions {
  const open = new Set<Subscription>()
  return {
    add(subscription) {
      const kept: Subscription = {
        ...subscription,
        async close() {
          await subscription.close()
          open.delete(kept)
        },
      }
      open.add(kept)
      return kept
    },
    get size() {
      return open.size
    },
    async close() {
      const all = closer()
      for (const each of open) all.add(each)
      open.clear()
      await all.close()
    },
  }
}
