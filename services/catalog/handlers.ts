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
import {
  askedAgain,
  type Decision,
  flawOf,
  heldLines,
  type Reservation,
  release,
  reserve,
  sell,
} from './domain/reservation.ts'
import type { Stock } from './product.ts'
import { lockReservation, openReservation } from './store/reservations.ts'
import { lockStock, saveReservation } from './store/stock.ts'

type Context = HandlerContext<'catalog'>

/**
 * What the catalog does on each event it hears. Each locks the order's reservation first and the stock after it, by product id, before
 * anything is published: so events of a product are sent in the order of its versions, and no two orders wait for each other.
 */
export function catalogHandlers(): Handlers<'catalog'> {
  return {
    'orders-waiting-for-validation': {
      async OrderStatusChangedToAwaitingValidation(event, context) {
        const flaw = flawOf(event)
        if (flaw) return deadLetter(flaw)
        const at = await openReservation(context.tx, event.orderId)
        if (at === undefined) return answerAgain(event.orderId, context)
        const shelves = await lockStock(
          context.tx,
          event.lines.map(({ productId }) => productId),
        )
        return carryOut(reserve(event, shelves, at), context)
      },
    },
    'paid-orders': {
      async OrderStatusChangedToPaid({ orderId }, context) {
        const reservation = await lockReservation(context.tx, orderId)
        // Ordering heard our answer, so there was one: this database has lost it, or stands behind.
        if (!reservation) return retry('there is no reservation of this order')
        return settle(reservation, sell, context)
      },
    },
    'cancelled-orders': {
      async OrderStatusChangedToCancelled({ orderId }, context) {
        // Cancelled first: the row stays as a mark, and a question that comes late reserves nothing.
        if ((await openReservation(context.tx, orderId)) !== undefined) return done
        const reservation = await lockReservation(context.tx, orderId)
        if (!reservation) return retry('the reservation vanished')
        return settle(reservation, release, context)
      },
    },
  }
}

async function answerAgain(orderId: string, { tx, publish }: Context): Promise<Outcome> {
  const reservation = await lockReservation(tx, orderId)
  if (!reservation) return retry('the reservation vanished')
  const answers = askedAgain(reservation)
  if (answers.length === 0) return ignored('the order was cancelled before its stock was asked for')
  await publish(...answers)
  return done
}

async function settle(
  reservation: Reservation,
  decide: (reservation: Reservation, stocks: ReadonlyMap<string, Stock>) => Decision,
  context: Context,
): Promise<Outcome> {
  const held = heldLines(reservation).map(({ productId }) => productId)
  return carryOut(decide(reservation, await lockStock(context.tx, held)), context)
}

/** Writes a decision down and publishes what it says: the caller's transaction, the inbox row's. */
async function carryOut(decision: Decision, { tx, publish }: Context): Promise<Outcome> {
  if ('quiet' in decision) return ignored(decision.quiet)
  if ('wrong' in decision) return deadLetter(decision.wrong)
  await underway(saveReservation(tx, decision.next, decision.movements))
  await publish(...decision.events)
  return done
}
