import { Counter, Registry } from 'prom-client'
import { describe, expect, it } from 'vitest'
import { newId } from '#pipelines/kernel/ids.ts'
import { createOutbox } from '#pipelines/outbox/outbox.ts'
import type { EventInput } from '#schemas/generated/events.ts'
import { resendAnswers } from './loops.ts'
import { orderCancelled, orderPaid, stockConfirmed } from './testing/events.ts'
import { paymentRig } from './testing/rig.ts'

const signal = new AbortController().signal

async function charged() {
  const rig = await paymentRig()
  const outbox = createOutbox('payment', { encode: (event: EventInput) => Buffer.from(JSON.stringify(event)) })
  const publisher = { publish: outbox.publish, transaction: rig.database.transaction }
  const resent = new Counter({ name: 'resent', help: 'in a test', registers: [new Registry()] })
  const loop = resendAnswers({ publisher, resendAfterMs: 60_000, resent })
  const orderId = newId()
  await rig.deliver(stockConfirmed({ orderId }))
  await rig.settle()
  return {
    ...rig,
    orderId,
    resend: () => loop.run(signal),
    /** As if so many seconds had passed since the answer was first, or last, told. */
    later: (seconds: number) =>
      rig.database.query(
        `update payments set answered_at = answered_at - $1 * interval '1 second', resent_at = resent_at - $1 * interval '1 second'`,
        [seconds],
      ),
    types: async () => (await rig.published(orderId)).map(({ type }) => type),
  }
}

describe('a captured payment whose outcome nobody has told us', () => {
  it('is told again after its time, the same each time, and each next wait is twice as long', async () => {
    const { resend, later, published, orderId } = await charged()
    await resend()
    expect(await published(orderId)).toHaveLength(1)
    await later(61)
    await resend()
    await resend()
    expect(await published(orderId)).toHaveLength(2)
    await later(61)
    await resend()
    expect(await published(orderId)).toHaveLength(2)
    await later(61)
    await resend()
    const told = await published(orderId)
    expect(told).toHaveLength(3)
    expect(new Set(told.map(({ eventId }) => eventId)).size).toBe(3)
    for (const one of told.slice(1))
      expect(one).toMatchObject({ type: 'OrderPaymentSucceeded', orderId, amountMinor: 4_599 })
  })

  it('is told once by many instances', async () => {
    const { resend, later, published, orderId } = await charged()
    await later(61)
    await Promise.all(Array.from({ length: 6 }, resend))
    expect(await published(orderId)).toHaveLength(2)
  })

  it('is told no more once Paid was seen', async () => {
    const { resend, later, deliver, orderId, types } = await charged()
    await deliver(orderPaid({ orderId }))
    await later(3_600)
    await resend()
    expect(await types()).toEqual(['OrderPaymentSucceeded'])
  })

  it('so learns of a cancellation that was lost, and gives the money back', async () => {
    const { resend, later, deliver, settle, orderId, types, refunds } = await charged()
    await later(61)
    await resend()
    await deliver(orderCancelled({ orderId })) // ordering's answer to the repetition
    await settle()
    expect(await refunds()).toBe(1)
    await later(3_600)
    await resend()
    expect(await types()).toEqual(['OrderPaymentSucceeded', 'OrderPaymentSucceeded', 'OrderPaymentRefunded'])
  })
})
