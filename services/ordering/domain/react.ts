import type { CancelReason, PreviousStatus } from '#schemas/generated/events.ts'
import type { Command, Reply } from './inputs.ts'
import type { Happening, Order, Status, Step, StepType } from './order.ts'
import { stepOf } from './order.ts'
import { answers, cellOf } from './table.ts'

/** What an order does with an input. */
export type Reaction =
  | { readonly kind: 'apply'; readonly step: Step }
  | { readonly kind: 'answer'; readonly types: readonly StepType[] }
  | { readonly kind: 'ignore' | 'retry' | 'dead-letter' | 'refuse'; readonly reason: string }

/**
 * Decides by the table what becomes of a reply or command, given the order as it is locked now. Pure: `now` is the database's time,
 * stamped on the step if there is one.
 */
export function react(order: Order | undefined, input: Reply | Command, now: number): Reaction {
  const column = order?.status ?? 'Unknown'
  const cell = cellOf(input.type, column)
  switch (cell) {
    case 'apply': {
      const happening = order && happeningOf(order, input)
      return order && happening
        ? { kind: 'apply', step: stepOf(order, happening, now) }
        : { kind: 'dead-letter', reason: `${input.type} moves no order` }
    }
    case 'answer':
      return { kind: 'answer', types: answers[column] ?? [] }
    case 'ignore':
    case 'retry':
    case 'dead-letter':
    case 'refuse':
      return {
        kind: cell,
        reason: order
          ? `the order is ${column} when ${input.type} comes`
          : `no such order (yet) when ${input.type} comes`,
      }
  }
}

/** The step that an input asks for. Whether it may is the table's to say. */
function happeningOf(order: Order, input: Reply | Command): Happening | undefined {
  switch (input.type) {
    case 'GracePeriodConfirmed':
      return { type: 'OrderStatusChangedToAwaitingValidation' }
    case 'OrderStockConfirmed':
      return { type: 'OrderStatusChangedToStockConfirmed' }
    case 'OrderStockRejected':
      return cancelled(order, 'STOCK', 'system')
    case 'OrderPaymentSucceeded':
      return { type: 'OrderStatusChangedToPaid', paymentId: input.paymentId }
    case 'OrderPaymentFailed':
      return cancelled(order, 'PAYMENT', 'system')
    case 'OrderPaymentRefunded':
      return undefined // follows a cancellation, never causes a step
    case 'Cancel':
      return cancelled(order, input.reason, input.actorRole)
    case 'Ship':
      return { type: 'OrderStatusChangedToShipped', carrier: input.carrier, trackingNumber: input.trackingNumber }
  }
}

function cancelled(order: Order, reason: CancelReason, actorRole: string): Happening {
  const previousStatus = PREVIOUS[order.status]
  return { type: 'OrderStatusChangedToCancelled', reason, previousStatus, actorRole, because: null }
}

const PREVIOUS: Readonly<Record<Status, PreviousStatus>> = {
  Submitted: 'SUBMITTED',
  AwaitingValidation: 'AWAITING_VALIDATION',
  StockConfirmed: 'STOCK_CONFIRMED',
  Paid: 'UNKNOWN',
  Shipped: 'UNKNOWN',
  Cancelled: 'UNKNOWN',
}
