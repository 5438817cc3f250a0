import type { TopicName } from '#pipelines/flow/map.ts'
import type {
  OrderStatusChangedToAwaitingValidation,
  OrderStatusChangedToCancelled,
  OrderStatusChangedToStockConfirmed,
  UserCheckoutAccepted,
} from '#schemas/generated/events.ts'
import {
  askedAgain,
  release,
  reserve,
  type Decision as StockDecision,
  sell,
} from '#services/catalog/domain/reservation.ts'
import { submit } from '#services/ordering/domain/checkout.ts'
import { draftOf } from '#services/ordering/domain/drafts.ts'
import type { Command, Reply } from '#services/ordering/domain/inputs.ts'
import { after, type StepType } from '#services/ordering/domain/order.ts'
import { react } from '#services/ordering/domain/react.ts'
import { answersToCheckout } from '#services/ordering/domain/table.ts'
import {
  cancelled,
  cancelledFirst,
  outcomeSeen,
  type Decision as PaymentDecision,
  requested,
  requestedAgain,
} from '#services/payment/domain.ts'
import { type Message, ORDER_ID, publish, type World } from './world.ts'

/** What a handler makes of the world; or why it could not, which is never right here. */
export type Handled = { readonly world: World } | { readonly wrong: string }

export type Handler = (world: World, message: Message) => Handled

/** One instant is as good as another: nothing may depend on it. */
const NOW = 1_000
const PAYMENT_ID = '01900000-0000-7000-8000-0000000000p1'

/** The services' handlers with their own decisions, and the world for a database. */
export const handlers: Readonly<Partial<Record<TopicName, Readonly<Record<string, Handler>>>>> = {
  'order-checkouts': { ordering: acceptCheckout },
  orders: { basket: (world) => ({ world: { ...world, basket: 'Started' } }) },
  'grace-period-confirmed': { ordering: takeReply },
  'orders-waiting-for-validation': { catalog: askStock },
  'order-stock-statuses': { ordering: takeReply },
  'stock-confirmed': { payment: askPayment },
  'payment-status': { ordering: takeReply },
  'paid-orders': { catalog: (world) => settle(world, sell), payment: (world) => decide(world, outcomeSeen) },
  'cancelled-orders': { catalog: giveBack, payment: cancelPayment },
}

function acceptCheckout(world: World, message: Message): Handled {
  if (world.order) return { world: answer(world, answersToCheckout) }
  const { order, steps } = submit(message as unknown as UserCheckoutAccepted, { now: NOW, graceMs: 1 })
  return {
    world: publish(
      { ...world, order, steps },
      steps.map((step) => draftOf(order, step) as Message),
    ),
  }
}

function takeReply(world: World, message: Message): Handled {
  return move(world, message as unknown as Reply)
}

/** Moves the order by a reply or a command. A command that the table refuses changes nothing. */
export function move(world: World, input: Reply | Command): Handled {
  const { order } = world
  const reaction = react(order, input, NOW)
  switch (reaction.kind) {
    case 'apply': {
      if (!order) return { wrong: 'applied to no order' }
      const moved = after(order, reaction.step)
      const next = { ...world, order: moved, steps: [...world.steps, reaction.step], redrives: 0 }
      return { world: publish(next, [draftOf(order, reaction.step) as Message]) }
    }
    case 'answer':
      return { world: answer(world, reaction.types) }
    case 'ignore':
    case 'refuse':
      return { world }
    case 'retry':
    case 'dead-letter':
      return { wrong: `ordering ${reaction.kind}: ${reaction.reason}` }
  }
}

function answer(world: World, types: readonly StepType[]): World {
  const { order, steps } = world
  const wanted = steps.filter(({ type }) => types.includes(type))
  return order
    ? publish(
        world,
        wanted.map((step) => draftOf(order, step) as Message),
      )
    : world
}

function askStock(world: World, message: Message): Handled {
  if (world.reservation)
    return { world: publish(world, askedAgain(world.reservation) as unknown as readonly Message[]) }
  const question = message as unknown as OrderStatusChangedToAwaitingValidation
  return carryOut(world, reserve(question, new Map([[world.shelf.productId, world.shelf]]), NOW))
}

function giveBack(world: World): Handled {
  if (world.reservation) return settle(world, release)
  return { world: { ...world, reservation: { orderId: ORDER_ID, status: 'RELEASED', answer: undefined } } }
}

function settle(world: World, decideOn: typeof sell): Handled {
  if (!world.reservation) return { wrong: 'catalog retry: there is no reservation of this order' }
  return carryOut(world, decideOn(world.reservation, new Map([[world.shelf.productId, world.shelf]])))
}

function carryOut(world: World, decision: StockDecision): Handled {
  if ('quiet' in decision) return { world }
  if ('wrong' in decision) return { wrong: `catalog dead-letter: ${decision.wrong}` }
  const shelf = { ...world.shelf, ...decision.movements.at(-1) }
  const told = decision.events.filter(({ type }) => type !== 'ProductStockChanged')
  return { world: publish({ ...world, reservation: decision.next, shelf }, told as unknown as readonly Message[]) }
}

function askPayment(world: World, message: Message): Handled {
  if (world.payment) return decide(world, requestedAgain)
  const request = message as unknown as OrderStatusChangedToStockConfirmed
  return { world: { ...world, payment: requested(request, PAYMENT_ID) } }
}

function cancelPayment(world: World, message: Message): Handled {
  const cancellation = message as unknown as OrderStatusChangedToCancelled
  if (!world.payment) return { world: { ...world, payment: cancelledFirst(cancellation, PAYMENT_ID) } }
  return decide(world, (payment) => cancelled(payment, cancellation, `refund-${world.bank.refunds.length + 1}`))
}

/** Keeps what payment decides, and publishes what it says. */
export function decide(world: World, decideOn: (payment: NonNullable<World['payment']>) => PaymentDecision): Handled {
  if (!world.payment) return { wrong: 'payment retry: there is no payment of this order' }
  const { next = world.payment, events } = decideOn(world.payment)
  return { world: publish({ ...world, payment: next }, events as unknown as readonly Message[]) }
}
