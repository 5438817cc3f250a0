import { underway } from '#pipelines/kernel/database.ts'
import {
  deadLetter,
  done,
  type HandlerContext,
  type Handlers,
  ignored,
  type Outcome,
  retry,
} from '#pipelines/stream/types.ts'
import type { UserCheckoutAccepted } from '#schemas/generated/events.ts'
import { hasUsableIds, submit } from './domain/checkout.ts'
import { draftOf } from './domain/drafts.ts'
import type { Reply } from './domain/inputs.ts'
import { after, type Order, type StepType } from './domain/order.ts'
import { react } from './domain/react.ts'
import { answersToCheckout } from './domain/table.ts'
import { insertOrder, lockOrder, recordStep, stepsOf } from './store/orders.ts'

type Context = HandlerContext<'ordering'>

/** What ordering does with each event. The decisions are the table's (domain/table.ts); here they meet the database. */
export function orderHandlers({ graceMs }: { readonly graceMs: number }): Handlers<'ordering'> {
  return {
    'order-checkouts': { UserCheckoutAccepted: (event, context) => acceptCheckout(event, context, graceMs) },
    'grace-period-confirmed': { GracePeriodConfirmed: takeReply },
    'order-stock-statuses': { OrderStockConfirmed: takeReply, OrderStockRejected: takeReply },
    'payment-status': {
      OrderPaymentSucceeded: takeReply,
      OrderPaymentFailed: takeReply,
      OrderPaymentRefunded: takeReply,
    },
  }
}

/** Makes the order of a checkout, or tells again that it is there. */
async function acceptCheckout(checkout: UserCheckoutAccepted, context: Context, graceMs: number): Promise<Outcome> {
  if (!hasUsableIds(checkout)) return deadLetter('an id of the checkout is not a UUID')
  const { tx, delivery, log, publish } = context
  const known = await lockOrder(tx, checkout.orderId)
  if (known.order) return answer(context, known.order, answersToCheckout)
  const { order, steps } = submit(checkout, { now: known.now, graceMs })
  const { correlationId } = delivery
  if (!(await insertOrder(tx, { order, steps, now: known.now, correlationId }))) {
    // Another delivery of the same checkout was faster by an instant.
    const { order: first } = await lockOrder(tx, checkout.orderId)
    return first ? answer(context, first, answersToCheckout) : retry('the order was there and is gone')
  }
  await publish(...steps.map((step) => draftOf(order, step)))
  log.info({ orderId: order.orderId, status: order.status }, 'order started')
  return done
}

/** Moves an order on by what another part says about it, or does whatever else the table says. */
async function takeReply(reply: Reply, context: Context): Promise<Outcome> {
  const { tx, log, publish } = context
  const { order, now } = await lockOrder(tx, reply.orderId)
  const reaction = react(order, reply, now)
  switch (reaction.kind) {
    case 'apply': {
      if (!order) return deadLetter(`${reply.type} moves no order`)
      const moved = after(order, reaction.step)
      await underway(recordStep(tx, moved, reaction.step))
      await publish(draftOf(order, reaction.step))
      log.info({ orderId: order.orderId, status: moved.status }, 'order moved')
      return done
    }
    case 'answer':
      return order ? answer(context, order, reaction.types) : ignored('there is no order to answer with')
    case 'ignore':
      return ignored(reaction.reason)
    case 'retry':
      return retry(reaction.reason)
    case 'dead-letter':
    case 'refuse':
      return deadLetter(reaction.reason)
  }
}

/** Sends recorded steps again, as they were. */
async function answer({ tx, publish }: Context, order: Order, types: readonly StepType[]): Promise<Outcome> {
  const steps = (await stepsOf(tx, order.orderId)).filter(({ type }) => types.includes(type))
  await publish(...steps.map((step) => draftOf(order, step)))
  return done
}
