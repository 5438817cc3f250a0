import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  cancelled,
  cancelledFirst,
  chargeAnswered,
  type Decision,
  outcomeSeen,
  type PaymentDraft,
  refundAnswered,
  requested,
  requestedAgain,
} from './domain.ts'
import type { Charging, Payment, Refunding } from './payment.ts'
import type { ChargeAnswer } from './provider/provider.ts'
import { orderCancelled, stockConfirmed } from './testing/events.ts'

const orderId = '0193f000-0000-7000-8000-000000000001'

/** A provider that counts what it does; `answers` false means that it acts and nobody hears of it. */
function provider(behaviour: 'captures' | 'refuses' | 'fails twice') {
  const charges = new Map<string, { calls: number; captured: boolean }>()
  const refunds = new Set<string>()
  return {
    captured: () => [...charges.values()].filter((charge) => charge.captured).length,
    refunded: () => refunds.size,
    charge(key: string): ChargeAnswer | 'unknown' {
      const charge = charges.get(key) ?? { calls: 0, captured: false }
      charges.set(key, charge)
      charge.calls++
      if (behaviour === 'refuses') return { outcome: 'refused', reason: 'DECLINED' }
      if (behaviour === 'fails twice' && charge.calls <= 2) return 'unknown'
      charge.captured = true
      return { outcome: 'captured', cardBrand: null, capturedAt: 1 }
    },
    refund: (key: string) => void refunds.add(key),
  }
}

interface Call {
  readonly claimed: Charging | Refunding
  answer: ((payment: Payment) => Decision) | undefined
}

/** One order, with workers of several instances that may die at any moment. */
function world(behaviour: Parameters<typeof provider>[0]) {
  const bank = provider(behaviour)
  const published: PaymentDraft[] = []
  let payment: Payment | undefined
  let calls: Call[] = []
  let ids = 0

  function keep({ next, events }: Decision) {
    payment = next ?? payment
    published.push(...events)
  }

  function ask(call: Call) {
    const { claimed } = call
    if (claimed.status === 'REFUNDING') {
      bank.refund(claimed.cancellation.refundId)
      call.answer = (current) => refundAnswered(current, { refundedAt: 1 }, 7)
      return
    }
    const answer = bank.charge(claimed.orderId)
    if (answer === 'unknown') return
    call.answer = (current) => chargeAnswered(current, answer, { provider: 'test', spentMs: 1, nowMs: 5 })
  }

  return {
    bank,
    published,
    payment: () => payment,
    request() {
      if (payment) keep(requestedAgain(payment))
      else payment = requested(stockConfirmed({ orderId }), `payment-${ids++}`)
    },
    cancel() {
      const event = orderCancelled({ orderId })
      if (payment) keep(cancelled(payment, event, `refund-${ids++}`))
      else payment = cancelledFirst(event, `payment-${ids++}`)
    },
    paid() {
      if (payment) keep(outcomeSeen(payment))
    },
    /** As the store claims: counts the attempt, then the call can begin. Two workers may, when a lease ran out. */
    claim() {
      if (payment?.status === 'CHARGING') {
        payment = { ...payment, effort: { ...payment.effort, attempts: payment.effort.attempts + 1 } }
      }
      if (payment?.status === 'CHARGING' || payment?.status === 'REFUNDING') {
        calls.push({ claimed: payment, answer: undefined })
      }
    },
    ask(which: number) {
      const call = calls[which % Math.max(calls.length, 1)]
      if (call) ask(call)
    },
    answer(which: number) {
      const call = calls[which % Math.max(calls.length, 1)]
      if (!call || !payment) return
      calls = calls.filter((other) => other !== call)
      if (call.answer) keep(call.answer(payment))
    },
    crash() {
      calls = []
    },
    /** What the sweeper does once nothing fails any more. */
    settle() {
      for (let round = 0; round < 10; round++) {
        this.claim()
        this.ask(0)
        this.answer(0)
      }
    },
  }
}

const steps = fc.array(
  fc.oneof(
    fc.record({ do: fc.constantFrom('request', 'cancel', 'paid', 'claim', 'crash') }),
    fc.record({ do: fc.constantFrom('claim', 'ask', 'answer'), which: fc.nat(3) }),
  ),
  { maxLength: 40 },
)
type Step = { do: 'request' | 'cancel' | 'paid' | 'claim' | 'ask' | 'answer' | 'crash'; which?: number }
const behaviours = fc.constantFrom('captures', 'refuses', 'fails twice')

describe('in any interleaving of requests, cancellations, answers and crashes, as often as they are repeated', () => {
  it('an order is captured at most once, and given back exactly when it was captured and cancelled', () => {
    fc.assert(
      fc.property(behaviours, steps, (behaviour, script) => {
        const shop = world(behaviour as Parameters<typeof provider>[0])
        let cancelledByOrdering = false
        for (const step of script as Step[]) {
          if (step.do === 'cancel') cancelledByOrdering = true
          shop[step.do](step.which ?? 0)
          expect(shop.bank.captured()).toBeLessThanOrEqual(1)
          expect(shop.bank.refunded()).toBeLessThanOrEqual(shop.bank.captured())
        }
        shop.settle()
        shop.settle()
        const wasCaptured = shop.bank.captured() === 1
        expect(shop.bank.refunded()).toBe(wasCaptured && cancelledByOrdering ? 1 : 0)
        const final = !shop.payment() ? 'none' : shop.payment()?.status
        if (cancelledByOrdering)
          expect(final).toBe(wasCaptured ? 'REFUNDED' : final === 'FAILED' ? 'FAILED' : 'CANCELLED')
        else expect(final).toBe(final === 'none' ? 'none' : wasCaptured ? 'SUCCEEDED' : 'FAILED')
      }),
      { numRuns: 5_000 },
    )
  })

  it('what is told never contradicts itself: the same answer whenever it is given, success only of a capture', () => {
    fc.assert(
      fc.property(behaviours, steps, (behaviour, script) => {
        const shop = world(behaviour as Parameters<typeof provider>[0])
        for (const step of script as Step[]) shop[step.do](step.which ?? 0)
        shop.settle()
        const told = Object.groupBy(shop.published, ({ type }) => type)
        for (const events of Object.values(told)) for (const event of events) expect(event).toEqual(events[0])
        expect(Boolean(told.OrderPaymentSucceeded)).toBe(shop.bank.captured() === 1)
        expect(told.OrderPaymentSucceeded && told.OrderPaymentFailed).toBeUndefined()
        if (told.OrderPaymentRefunded) expect(told.OrderPaymentSucceeded).toBeDefined()
      }),
      { numRuns: 5_000 },
    )
  })
})
