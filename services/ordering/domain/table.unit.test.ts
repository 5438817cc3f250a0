import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { order, PLACED_AT, reply } from '../testing/samples.ts'
import type { Command, InputType, Reply } from './inputs.ts'
import { STATUSES, type Status, type StepType } from './order.ts'
import { react } from './react.ts'
import { withTable } from './render-table.ts'
import { type Column, table } from './table.ts'

/** What must happen in every cell, written apart from the table: `ok` a step, a list the events sent again, else the kind of refusal. */
type Expected = StepType | readonly StepType[] | 'ignore' | 'retry' | 'dead-letter' | 'refuse'

const PAID: readonly StepType[] = ['OrderStatusChangedToPaid']
const SHIPPED: readonly StepType[] = ['OrderStatusChangedToPaid', 'OrderStatusChangedToShipped']
const CANCELLED: readonly StepType[] = ['OrderStatusChangedToCancelled']
const dead = 'dead-letter'
const outcomes = { Unknown: 'retry', Paid: PAID, Shipped: SHIPPED, Cancelled: CANCELLED } as const

const expected: Readonly<Record<Exclude<InputType, 'UserCheckoutAccepted'>, Readonly<Record<Column, Expected>>>> = {
  GracePeriodConfirmed: {
    Unknown: 'retry',
    Submitted: 'OrderStatusChangedToAwaitingValidation',
    AwaitingValidation: 'ignore',
    StockConfirmed: 'ignore',
    Paid: 'ignore',
    Shipped: 'ignore',
    Cancelled: 'ignore',
  },
  OrderStockConfirmed: {
    ...outcomes,
    Submitted: dead,
    AwaitingValidation: 'OrderStatusChangedToStockConfirmed',
    StockConfirmed: 'ignore',
  },
  OrderStockRejected: {
    ...outcomes,
    Submitted: dead,
    AwaitingValidation: 'OrderStatusChangedToCancelled',
    StockConfirmed: dead,
  },
  OrderPaymentSucceeded: {
    ...outcomes,
    Submitted: dead,
    AwaitingValidation: dead,
    StockConfirmed: 'OrderStatusChangedToPaid',
  },
  OrderPaymentFailed: {
    ...outcomes,
    Submitted: dead,
    AwaitingValidation: dead,
    StockConfirmed: 'OrderStatusChangedToCancelled',
  },
  OrderPaymentRefunded: {
    Unknown: 'retry',
    Submitted: dead,
    AwaitingValidation: dead,
    StockConfirmed: dead,
    Paid: dead,
    Shipped: dead,
    Cancelled: 'ignore',
  },
  Cancel: {
    Unknown: 'refuse',
    Submitted: 'OrderStatusChangedToCancelled',
    AwaitingValidation: 'OrderStatusChangedToCancelled',
    StockConfirmed: 'OrderStatusChangedToCancelled',
    Paid: 'refuse',
    Shipped: 'refuse',
    Cancelled: 'refuse',
  },
  Ship: {
    Unknown: 'refuse',
    Submitted: 'refuse',
    AwaitingValidation: 'refuse',
    StockConfirmed: 'refuse',
    Paid: 'OrderStatusChangedToShipped',
    Shipped: 'refuse',
    Cancelled: 'refuse',
  },
}

function inputOf(type: keyof typeof expected, orderId: string): Reply | Command {
  if (type === 'Cancel') return { type, reason: 'CUSTOMER', actorRole: 'customer' }
  if (type === 'Ship') return { type, carrier: 'DHL', trackingNumber: null }
  return reply(type, orderId)
}

function outcomeOf(type: keyof typeof expected, column: Column): Expected {
  const now = column === 'Unknown' ? undefined : order(column)
  const reaction = react(now, inputOf(type, now?.orderId ?? 'none'), PLACED_AT)
  if (reaction.kind === 'apply') return reaction.step.type
  return reaction.kind === 'answer' ? reaction.types : reaction.kind
}

for (const [input, row] of Object.entries(expected)) {
  describe(input, () => {
    for (const [column, outcome] of Object.entries(row)) {
      test(`${column}: ${outcome}`, () => {
        expect(outcomeOf(input as keyof typeof expected, column as Column)).toEqual(outcome)
      })
    }
  })
}

test('a repeated checkout is answered in every status and applied only to an unknown order', () => {
  const [unknown, ...known] = table.UserCheckoutAccepted
  expect(unknown).toBe('apply')
  expect(known).toEqual(STATUSES.map(() => 'answer'))
})

test('a step has the next version and the time it is given', () => {
  for (const status of ['Submitted', 'AwaitingValidation', 'StockConfirmed'] satisfies Status[]) {
    const now = order(status)
    const reaction = react(now, { type: 'Cancel', reason: 'STAFF', actorRole: 'support' }, 1_234)
    expect(reaction).toMatchObject({ kind: 'apply', step: { version: now.version + 1, occurredAt: 1_234 } })
  }
})

test.each([
  ['Submitted', 'SUBMITTED'],
  ['AwaitingValidation', 'AWAITING_VALIDATION'],
  ['StockConfirmed', 'STOCK_CONFIRMED'],
] as const)('a cancellation of a %s order says what it was', (status, previousStatus) => {
  const reaction = react(order(status), { type: 'Cancel', reason: 'TIMEOUT', actorRole: 'system' }, 0)
  expect(reaction).toMatchObject({ step: { previousStatus, reason: 'TIMEOUT', actorRole: 'system' } })
})

test('the README shows the table as it is', () => {
  const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8')
  expect(withTable(readme)).toBe(readme)
  expect(readme).toMatch(/\| \*\*OrderStockConfirmed\*\* +\| retry +\| dead-letter/)
})
