import type { Database } from '#pipelines/kernel/database.ts'
import type { Outbox } from '#pipelines/outbox/types.ts'
import { isAnyGraceOver, takeGraceOver } from '../store/grace.ts'

export interface Confirming {
  /** Ordering's. */
  readonly database: Database
  /** Asked for once, and only if there is something to publish. */
  readonly openOutbox: () => Promise<Outbox<'grace-period'>>
  readonly executionId: string
  readonly signal: AbortSignal
  /** Orders per transaction. Bounds how long their rows are locked. */
  readonly batchSize?: number
}

/**
 * Confirms the grace period of every order whose time is over: marker and GracePeriodConfirmed commit together, so each order is
 * confirmed once, however many instances run and wherever one is killed. Stops between two batches when told to.
 */
export async function confirmGracePeriods(confirming: Confirming): Promise<{ readonly confirmed: number }> {
  const { database, openOutbox, executionId, signal, batchSize = 200 } = confirming
  if (!(await isAnyGraceOver(database))) return { confirmed: 0 }
  const outbox = await openOutbox()
  let confirmed = 0
  for (let taken = batchSize; taken === batchSize && !signal.aborted; confirmed += taken) {
    taken = await database.transaction(async (tx) => {
      const orders = await takeGraceOver(tx, batchSize) // all locks first, then the outbox
      await Promise.all(
        orders.map(({ orderId, version, graceMs, correlationId }) => {
          const draft = { type: 'GracePeriodConfirmed', orderId, orderVersion: version, graceMs, executionId } as const
          return outbox.publish(tx, [draft], { correlationId: correlationId ?? undefined })
        }),
      )
      return orders.length
    })
  }
  return { confirmed }
}
