import fc from 'fast-check'
import { expect, test } from 'vitest'
import { checkout, reply } from '../testing/samples.ts'
import { submit } from './checkout.ts'
import type { Command, Reply } from './inputs.ts'
import { after, type Order, type Status, type Step } from './order.ts'
import { react } from './react.ts'

const PATHS: Readonly<Record<Status, readonly Status[]>> = {
  Submitted: ['AwaitingValidation', 'Cancelled'],
  AwaitingValidation: ['StockConfirmed', 'Cancelled'],
  StockConfirmed: ['Paid', 'Cancelled'],
  Paid: ['Shipped'],
  Shipped: [],
  Cancelled: [],
}

const REPLIES = [
  'GracePeriodConfirmed',
  'OrderStockConfirmed',
  'OrderStockRejected',
  'OrderPaymentSucceeded',
  'OrderPaymentFailed',
  'OrderPaymentRefunded',
] as const

const input: fc.Arbitrary<(orderId: string) => Reply | Command> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...REPLIES).map((type) => (orderId: string) => reply(type, orderId)) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom<Command>(
        { type: 'Cancel', reason: 'CUSTOMER', actorRole: 'customer' },
        { type: 'Ship', carrier: null, trackingNumber: null },
      )
      .map((command) => () => command),
  },
)

test('whatever comes, however often and in which order, an order takes one legal path with gapless versions', () => {
  fc.assert(
    fc.property(fc.array(input, { maxLength: 40 }), (inputs) => {
      const submission = submit(checkout(), { now: 0, graceMs: 0 })
      let now: Order = submission.order
      const steps: Step[] = [...submission.steps]
      for (const make of inputs) {
        const reaction = react(now, make(now.orderId), steps.length)
        if (reaction.kind === 'answer')
          expect(reaction.types.every((type) => steps.some((step) => step.type === type))).toBe(true)
        if (reaction.kind !== 'apply') continue
        const next = after(now, reaction.step)
        expect(PATHS[now.status]).toContain(next.status)
        steps.push(reaction.step)
        now = next
      }
      expect(steps.map(({ version }) => version)).toEqual(steps.map((_, index) => index + 1))
      expect(now.version).toBe(steps.length)
      expect(new Set(steps.map(({ type }) => type)).size).toBe(steps.length)
    }),
    { numRuns: 2_000 },
  )
})

test('all the right replies, each at least once and in any order of repetition, bring an order to Paid', () => {
  const right = ['GracePeriodConfirmed', 'OrderStockConfirmed', 'OrderPaymentSucceeded'] as const
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...right), { maxLength: 20 }), (noise) => {
      let now: Order = submit(checkout(), { now: 0, graceMs: 0 }).order
      // What cannot be right yet is dead-lettered and sent again later: that is the tail.
      for (const type of [...noise, ...right]) {
        const reaction = react(now, reply(type, now.orderId), 0)
        if (reaction.kind === 'apply') now = after(now, reaction.step)
      }
      expect(now.status).toBe('Paid')
    }),
  )
})
