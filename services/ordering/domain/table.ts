import type { InputType } from './inputs.ts'
import { STATUSES, type Status, type StepType } from './order.ts'

/**
 * What becomes of an input:
 * - `apply`: the order takes its next step
 * - `ignore`: nothing changes, nothing is sent
 * - `answer`: nothing changes, a recorded step is sent again for whoever missed it (see {@link answers})
 * - `retry`: tried again, then dead-lettered
 * - `dead-letter`: cannot be right, an operator looks at it
 * - `refuse`: REST says 404 (no such order) or 409 (illegal move)
 */
export type Cell = 'apply' | 'ignore' | 'answer' | 'retry' | 'dead-letter' | 'refuse'

/** `Unknown` is an order that does not exist here. */
export type Column = 'Unknown' | Status
export const COLUMNS: readonly Column[] = ['Unknown', ...STATUSES]

type Row = readonly [Cell, Cell, Cell, Cell, Cell, Cell, Cell]

/** The one place that says what an order in a status does with an input. Everything else looks here. */
// biome-ignore format: a table reads as a table
export const table: Readonly<Record<InputType, Row>> = {
  //                       Unknown   Submitted      AwaitingValidation  StockConfirmed  Paid           Shipped        Cancelled
  UserCheckoutAccepted:  ['apply',  'answer',      'answer',           'answer',       'answer',      'answer',      'answer'],
  GracePeriodConfirmed:  ['retry',  'apply',       'ignore',           'ignore',       'ignore',      'ignore',      'ignore'],
  OrderStockConfirmed:   ['retry',  'dead-letter', 'apply',            'ignore',       'answer',      'answer',      'answer'],
  OrderStockRejected:    ['retry',  'dead-letter', 'apply',            'dead-letter',  'answer',      'answer',      'answer'],
  OrderPaymentSucceeded: ['retry',  'dead-letter', 'dead-letter',      'apply',        'answer',      'answer',      'answer'],
  OrderPaymentFailed:    ['retry',  'dead-letter', 'dead-letter',      'apply',        'answer',      'answer',      'answer'],
  OrderPaymentRefunded:  ['retry',  'dead-letter', 'dead-letter',      'dead-letter',  'dead-letter', 'dead-letter', 'ignore'],
  Cancel:                ['refuse', 'apply',       'apply',            'apply',        'refuse',      'refuse',      'refuse'],
  Ship:                  ['refuse', 'refuse',      'refuse',           'refuse',       'apply',       'refuse',      'refuse'],
}

/** Why the cells of a row are what they are. Printed below the table in the README. */
export const remarks: Readonly<Record<InputType, string>> = {
  UserCheckoutAccepted:
    'Basket sends a checkout again until it sees OrderStarted, so a repeated one gets just that. An invalid first one becomes an order that is cancelled at once.',
  GracePeriodConfirmed: 'Written by a task that listens to nothing, so there is nobody to answer.',
  OrderStockConfirmed:
    'Before the stock was asked for it cannot come. After the end, catalog learns the outcome again.',
  OrderStockRejected: 'A rejection of stock that was confirmed contradicts the catalog itself: an operator decides.',
  OrderPaymentSucceeded:
    'On a cancelled order the status stays: payment sees the cancellation (again) and refunds. Before the payment was asked for it cannot come.',
  OrderPaymentFailed: 'After the end, payment learns the outcome again.',
  OrderPaymentRefunded:
    'Payment refunds because it saw the cancellation, so an answer would tell it nothing and could go round in circles. On any other order it cannot be right.',
  Cancel: 'By the customer or staff, until the order is paid.',
  Ship: 'By staff, once.',
}

/** What is sent again in `answer` cells to a reply. Shipped sends Paid too, as that is what catalog and payment wait for. */
export const answers: Readonly<Partial<Record<Column, readonly StepType[]>>> = {
  Paid: ['OrderStatusChangedToPaid'],
  Shipped: ['OrderStatusChangedToPaid', 'OrderStatusChangedToShipped'],
  Cancelled: ['OrderStatusChangedToCancelled'],
}

/** What is sent again to a repeated checkout, whatever the order's status. */
export const answersToCheckout: readonly StepType[] = ['OrderStarted']

export function cellOf(input: InputType, column: Column): Cell {
  return table[input][COLUMNS.indexOf(column)] as Cell
}
