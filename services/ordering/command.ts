import type { Tx } from '#pipelines/kernel/database.ts'
import type { Origin, Outbox } from '#pipelines/outbox/types.ts'
import { draftOf } from './domain/drafts.ts'
import type { Command } from './domain/inputs.ts'
import { after } from './domain/order.ts'
import { react } from './domain/react.ts'
import { type Locked, recordStep } from './store/orders.ts'

/**
 * Carries a command out on a locked order: the step and its event, or nothing if the table (domain/table.ts) does not allow it.
 * Returns whether it did. Customers, staff and the reconciler all come this way.
 */
export async function carryOut(
  tx: Tx,
  { order, now }: Locked,
  command: Command,
  { outbox, origin }: { outbox: Pick<Outbox<'ordering'>, 'publish'>; origin: Origin },
): Promise<boolean> {
  const reaction = react(order, command, now)
  if (!order || reaction.kind !== 'apply') return false
  await recordStep(tx, after(order, reaction.step), reaction.step)
  await outbox.publish(tx, [draftOf(order, reaction.step)], origin)
  return true
}
