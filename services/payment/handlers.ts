import { underway } from '#pipelines/kernel/database.ts'
import { newId } from '#pipelines/kernel/ids.ts'
import type { Origin } from '#pipelines/outbox/types.ts'
import {
  deadLetter,
  done,
  type HandlerContext,
  type Handlers,
  ignored,
  type Outcome,
  retry,
} from '#pipelines/stream/types.ts'
import { cancelled, cancelledFirst, type Decision, outcomeSeen, requested, requestedAgain } from './domain.ts'
import type { Payment } from './payment.ts'
import { insertPayment, lockPayment, savePayment } from './store.ts'

type Context = HandlerContext<'payment'>

/**
 * What payment does on each event it hears. None of them calls the provider: they write down what is to be done and kick the
 * charger, so that a slow or absent provider never holds a partition.
 */
export function paymentHandlers(charger: { kick(): void }): Handlers<'payment'> {
  return {
    'stock-confirmed': {
      async OrderStatusChangedToStockConfirmed(event, context) {
        if (event.totalMinor < 0) return deadLetter(`a total of ${event.totalMinor} cannot be charged`)
        if (await insertPayment(context.tx, requested(event, newId()), originOf(context))) {
          context.afterCommit(() => charger.kick())
          return done
        }
        return decideOn(event.orderId, context, requestedAgain)
      },
    },
    'paid-orders': {
      OrderStatusChangedToPaid: (event, context) => decideOn(event.orderId, context, outcomeSeen),
    },
    'cancelled-orders': {
      async OrderStatusChangedToCancelled(event, context) {
        if (await insertPayment(context.tx, cancelledFirst(event, newId()), originOf(context))) return done
        context.afterCommit(() => charger.kick())
        return decideOn(event.orderId, context, (payment) => cancelled(payment, event, newId()))
      },
    },
  }
}

/** Locks the payment, lets the decision be made, keeps it and publishes its events: one transaction, the inbox row's. */
async function decideOn(orderId: string, context: Context, decide: (payment: Payment) => Decision): Promise<Outcome> {
  const locked = await lockPayment(context.tx, orderId)
  if (!locked) return retry('there is no payment of this order') // ordering has an answer that we do not know of
  const { next, events, quiet } = decide(locked.payment)
  if (next) await underway(savePayment(context.tx, next, originOf(context)))
  if (events.length > 0) await context.publish(...events)
  return quiet === undefined ? done : ignored(quiet)
}

function originOf({ delivery }: Context): Origin {
  return { correlationId: delivery.correlationId, causationId: delivery.eventId, traceparent: delivery.traceparent }
}
