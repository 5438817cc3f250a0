import { describe, expect, it } from 'vitest'
import {
  cancelled,
  cancelledFirst,
  chargeAnswered,
  outcomeSeen,
  refundAnswered,
  requested,
  requestedAgain,
} from './domain.ts'
import type { Charging, Failed, Payment, PaymentStatus, Refunded, Refunding, Succeeded } from './payment.ts'
import { orderCancelled, stockConfirmed } from './testing/events.ts'

const orderId = '0193f000-0000-7000-8000-000000000001'
const paymentId = '0193f000-0000-7000-8000-00000000000a'
const refundId = '0193f000-0000-7000-8000-00000000000b'
const capture = { outcome: 'captured', cardBrand: 'visa', capturedAt: 1_000 } as const
const facts = { provider: 'simulated', spentMs: 30, nowMs: 2_000 }

const charging: Charging = {
  ...requested(stockConfirmed({ orderId }), paymentId),
  effort: { attempts: 1, providerMs: 5 },
}
const cancellation = orderCancelled({ orderId, version: 6, reason: 'STAFF' })
const succeeded = chargeAnswered(charging, capture, facts).next as Succeeded
const failed = chargeAnswered(charging, { outcome: 'refused', reason: 'DECLINED' }, facts).next as Failed
const refunding = cancelled(succeeded, cancellation, refundId).next as Refunding
const refunded = refundAnswered(refunding, { refundedAt: 3_000 }, 3_500).next as Refunded
const blocked = cancelledFirst(cancellation, paymentId)
const every: Record<PaymentStatus, Payment> = {
  CANCELLED: blocked,
  CHARGING: charging,
  SUCCEEDED: succeeded,
  FAILED: failed,
  REFUNDING: refunding,
  REFUNDED: refunded,
}
const others = (...statuses: PaymentStatus[]) => Object.values(every).filter(({ status }) => !statuses.includes(status))

describe('a request for payment', () => {
  it('makes a payment that is to be charged and that no provider has heard of', () => {
    expect(
      requested(stockConfirmed({ orderId, version: 4, totalMinor: 700, currency: 'JPY' }), paymentId),
    ).toMatchObject({
      status: 'CHARGING',
      orderVersion: 4,
      amountMinor: 700,
      currency: 'JPY',
      paymentToken: 'tok_visa',
      effort: { attempts: 0 },
    })
  })

  it('repeated, gets the recorded answer again and never a second charge', () => {
    const first = chargeAnswered(charging, capture, facts)
    expect(requestedAgain(succeeded)).toEqual({ events: first.events })
    expect(requestedAgain(refunding).events).toEqual(first.events)
    expect(requestedAgain(refunded).events).toEqual([
      ...first.events,
      ...refundAnswered(refunding, { refundedAt: 3_000 }, 3_500).events,
    ])
    expect(requestedAgain(failed).events).toEqual(
      chargeAnswered(charging, { outcome: 'refused', reason: 'DECLINED' }, facts).events,
    )
  })

  it('repeated while there is no answer, or after a cancellation, stays quiet', () => {
    for (const payment of [charging, blocked]) {
      expect(requestedAgain(payment)).toEqual({ events: [], quiet: expect.any(String) })
    }
  })
})

describe("the provider's answer to a charge", () => {
  it('that captured makes the payment succeed and tells ordering', () => {
    const { next, events } = chargeAnswered(charging, capture, facts)
    expect(next).toMatchObject({ status: 'SUCCEEDED', outcomeSeen: false, answeredAt: 2_000 })
    expect(events).toEqual([
      {
        type: 'OrderPaymentSucceeded',
        occurredAt: 2_000,
        orderId,
        orderVersion: 4,
        paymentId,
        amountMinor: 4_599,
        currency: 'EUR',
        provider: 'simulated',
        cardBrand: 'visa',
        attempts: 1,
        providerMs: 35,
      },
    ])
  })

  it('that refused makes the payment fail, with the reason', () => {
    const { next, events } = chargeAnswered(charging, { outcome: 'refused', reason: 'EXPIRED' }, facts)
    expect(next).toMatchObject({ status: 'FAILED', reason: 'EXPIRED' })
    expect(events).toMatchObject([{ type: 'OrderPaymentFailed', reason: 'EXPIRED', attempts: 1, providerMs: 35 }])
  })

  it('that captured what was cancelled meanwhile is told, and the money goes back', () => {
    const marked = cancelled(charging, cancellation, refundId).next as Charging
    const { next, events } = chargeAnswered(marked, capture, facts)
    expect(next).toMatchObject({ status: 'REFUNDING', cancellation: { refundId, reason: 'STAFF', orderVersion: 6 } })
    expect(events).toMatchObject([{ type: 'OrderPaymentSucceeded' }])
  })

  it('counts only while the payment is being charged', () => {
    for (const payment of others('CHARGING')) {
      expect(chargeAnswered(payment, capture, facts)).toEqual({ events: [], quiet: expect.any(String) })
    }
  })

  it.each(['SUCCEEDED', 'FAILED', 'REFUNDING', 'REFUNDED'] as const)(
    'leaves no payment token in a %s payment',
    (status) => {
      expect(JSON.stringify(every[status])).not.toContain('tok_')
    },
  )
})

describe('a cancellation', () => {
  it('of a charge that was never sent means that it never will be', () => {
    const { next, events } = cancelled(requested(stockConfirmed({ orderId }), paymentId), cancellation, refundId)
    expect(next?.status).toBe('CANCELLED')
    expect(JSON.stringify(next)).not.toContain('tok_')
    expect(events).toEqual([])
  })

  it('of a charge that may have been made is marked, as nobody knows yet', () => {
    expect(cancelled(charging, cancellation, refundId)).toMatchObject({
      next: { status: 'CHARGING', cancellation: { refundId } },
      events: [],
    })
  })

  it('of a captured payment gives it back', () => {
    expect(cancelled(succeeded, cancellation, refundId).next).toMatchObject({
      status: 'REFUNDING',
      charge: succeeded.charge,
    })
  })

  it('repeated keeps the first refund id, so that one refund is made', () => {
    const marked = cancelled(charging, cancellation, refundId).next as Charging
    for (const payment of [marked, ...others('CHARGING', 'SUCCEEDED')]) {
      expect(cancelled(payment, cancellation, 'another')).toEqual({ events: [], quiet: expect.any(String) })
    }
  })

  it('for a reason that refunds have no word for is told as unknown', () => {
    const other = cancelled(succeeded, orderCancelled({ orderId, reason: 'OTHER' }), refundId).next as Refunding
    expect(other.cancellation.reason).toBe('UNKNOWN')
  })
})

describe("the provider's answer to a refund", () => {
  it('makes it refunded and tells ordering, with the time of the charge', () => {
    const { next, events } = refundAnswered(refunding, { refundedAt: 3_000 }, 3_500)
    expect(next).toMatchObject({ status: 'REFUNDED', refundedAt: 3_500 })
    expect(events).toEqual([
      {
        type: 'OrderPaymentRefunded',
        occurredAt: 3_500,
        orderId,
        orderVersion: 6,
        paymentId,
        refundId,
        amountMinor: 4_599,
        currency: 'EUR',
        reason: 'STAFF',
        chargedAt: 1_000,
      },
    ])
  })

  it('counts only while the refund is under way', () => {
    for (const payment of others('REFUNDING')) {
      expect(refundAnswered(payment, { refundedAt: 1 }, 1)).toEqual({ events: [], quiet: expect.any(String) })
    }
  })
})

describe('a paid order', () => {
  it('shows once that ordering has our answer', () => {
    const { next, events } = outcomeSeen(succeeded)
    expect(next).toEqual({ ...succeeded, outcomeSeen: true })
    expect(events).toEqual([])
    expect(outcomeSeen(next as Payment).quiet).toBeDefined()
  })

  it('says nothing about a payment in any other state', () => {
    for (const payment of others('SUCCEEDED')) {
      expect(outcomeSeen(payment)).toEqual({ events: [], quiet: expect.any(String) })
    }
  })
})
