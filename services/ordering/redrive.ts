import type { Tx } from '#pipelines/kernel/database.ts'
import type { Outbox } from '#pipelines/outbox/types.ts'
import { draftOf } from './domain/drafts.ts'
import type { Order } from './domain/order.ts'
import { nextRedriveMs, type ReconcilerSettings } from './reconciler/settings.ts'
import { stepsOf } from './store/orders.ts'
import { clearGraceMarker, correlationOf, recordRedrive, redrivesOf } from './store/waiting.ts'

export type Redriven =
  /** Asked again, for the so-manieth time. */
  | { readonly kind: 'redriven'; readonly redrives: number }
  /** Submitted, and the grace-period task has not come to it: there is nothing to send again. */
  | { readonly kind: 'not-confirmed' }
  /** Paid, shipped or cancelled: it waits for nobody. */
  | { readonly kind: 'final' }

/**
 * Asks again whoever a locked order waits for: its last step is published once more, with a new event id and otherwise as it was,
 * `attempt` counted up; a Submitted order has its grace marker cleared, so that the task confirms it anew. The receivers answer what
 * they recorded, so this converges whichever side lost something.
 */
export async function redrive(
  tx: Tx,
  order: Order,
  { outbox, settings, by }: { outbox: Pick<Outbox<'ordering'>, 'publish'>; settings: ReconcilerSettings; by: string },
): Promise<Redriven> {
  const { orderId, version, status } = order
  if (status === 'Paid' || status === 'Shipped' || status === 'Cancelled') return { kind: 'final' }
  if (status === 'Submitted' && !(await clearGraceMarker(tx, orderId))) return { kind: 'not-confirmed' }
  const redrives = (await redrivesOf(tx, order)) + 1
  await recordRedrive(tx, { orderId, version, redrive: redrives, nextMs: nextRedriveMs(redrives, settings), by })
  if (status !== 'Submitted') {
    const last = (await stepsOf(tx, orderId)).filter((step) => step.version === version)
    const drafts = last.map((step) => draftOf(order, step, redrives + 1))
    await outbox.publish(tx, drafts, { correlationId: await correlationOf(tx, orderId) })
  }
  return { kind: 'redriven', redrives }
}
