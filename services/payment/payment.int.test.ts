import { describe, expect, it } from 'vitest'
import { Unavailable } from '#pipelines/kernel/errors.ts'
import { newId } from '#pipelines/kernel/ids.ts'
import type { PaymentProvider } from './provider/provider.ts'
import { orderCancelled, orderPaid, stockConfirmed } from './testing/events.ts'
import { paymentRig } from './testing/rig.ts'

const types = (events: readonly { type: string }[]) => events.map(({ type }) => type)

describe('payment, on PostgreSQL and the simulated provider', () => {
  it('charges an order once, however often it is asked, one after the other', async () => {
    const rig = await paymentRig()
    const orderId = newId()
    for (let i = 0; i < 3; i++) await rig.deliver(stockConfirmed({ orderId }))
    await rig.settle()
    await rig.deliver(stockConfirmed({ orderId }))
    await rig.settle()
    expect(await rig.captures()).toBe(1)
    const [first, second, ...more] = await rig.published(orderId)
    expect(more).toEqual([])
    expect(first).toMatchObject({ type: 'OrderPaymentSucceeded', orderVersion: 4, amountMinor: 4_599, attempts: 1 })
    expect(second).toEqual({ ...first, eventId: expect.any(String) })
    expect(second?.eventId).not.toBe(first?.eventId)
  })

  it('charges an order once when it is asked, and charged, by many at once', async () => {
    const rig = await paymentRig()
    const orders = Array.from({ length: 20 }, () => newId())
    const workers = Array.from({ length: 4 }, () => rig.charger({ concurrency: 16 }))
    await Promise.all(orders.flatMap((orderId) => [1, 2, 3].map(() => rig.deliver(stockConfirmed({ orderId })))))
    await Promise.all(workers.map((worker) => worker.loop.run(new AbortController().signal)))
    await Promise.all(workers.map((worker) => worker.idle()))
    await rig.settle()
    expect(await rig.captures()).toBe(orders.length)
    for (const orderId of orders) expect(types(await rig.published(orderId))).toEqual(['OrderPaymentSucceeded'])
    const calls = await rig.database.query<{ calls: number }>('select calls from provider.charges')
    expect(calls.every((row) => row.calls === 1)).toBe(true)
  })

  it('makes one charge and tells it once when a lease runs out and a second instance asks as well', async () => {
    const rig = await paymentRig()
    const orderId = newId()
    const gate = Promise.withResolvers<void>()
    const late: PaymentProvider = {
      ...rig.bank,
      charge: async (request, signal) => {
        const answer = await rig.bank.charge(request, signal)
        await gate.promise
        return answer
      },
    }
    await rig.deliver(stockConfirmed({ orderId }))
    const first = rig.charger({ provider: late })
    await first.loop.run(new AbortController().signal)
    await rig.leasesEnd()
    await rig.settle()
    gate.resolve()
    await first.idle()
    expect(await rig.captures()).toBe(1)
    expect(types(await rig.published(orderId))).toEqual(['OrderPaymentSucceeded'])
  })

  it('keeps a payment CHARGING while the outcome is unknown, and never calls it failed', async () => {
    const rig = await paymentRig()
    const orderId = newId()
    const silent: PaymentProvider = { ...rig.bank, charge: () => Promise.reject(new TypeError('connection reset')) }
    await rig.deliver(stockConfirmed({ orderId }))
    const worker = rig.charger({ provider: silent })
    for (let i = 0; i < 5; i++) {
      await worker.loop.run(new AbortController().signal)
      await worker.idle()
      await rig.leasesEnd()
    }
    expect(await rig.payment(orderId)).toMatchObject({ status: 'CHARGING', attempts: 5, payment_token: 'tok_visa' })
    expect(await rig.published(orderId)).toEqual([])
    await rig.settle()
    expect(await rig.published(orderId)).toMatchObject([{ type: 'OrderPaymentSucceeded', attempts: 6 }])
  })

  it('gives up on a call that takes too long, also of a provider that does not listen', async () => {
    const rig = await paymentRig()
    const orderId = newId()
    const deaf: PaymentProvider = { ...rig.bank, charge: () => new Promise(() => {}) }
    await rig.deliver(stockConfirmed({ orderId }))
    const worker = rig.charger({ provider: deaf, timeoutMs: 50 })
    await worker.loop.run(new AbortController().signal)
    await worker.idle()
    expect(await rig.payment(orderId)).toMatchObject({ status: 'CHARGING', attempts: 1 })
    await rig.settle()
    expect(await rig.captures()).toBe(1)
  })

  it('has no more calls under way than it may, and gets through all all the same', async () => {
    const rig = await paymentRig()
    let now = 0
    let most = 0
    const counted: PaymentProvider = {
      ...rig.bank,
      charge: async (request, signal) => {
        most = Math.max(most, ++now)
        return rig.bank.charge(request, signal).finally(() => now--)
      },
    }
    for (let i = 0; i < 12; i++) await rig.deliver(stockConfirmed({ orderId: newId() }))
    await rig.settle(rig.charger({ provider: counted, concurrency: 3 }))
    expect(most).toBe(3)
    expect(await rig.captures()).toBe(12)
  })

  it('forgets the payment token as soon as the provider has answered', async () => {
    const rig = await paymentRig()
    for (const token of ['tok_visa', 'tok_declined']) {
      const orderId = newId()
      await rig.deliver(stockConfirmed({ orderId, token }))
      await rig.settle()
      expect(await rig.payment(orderId)).toMatchObject({ payment_token: null })
    }
    const everything = await rig.database.query(
      'select p::text from payments p union all select c::text from provider.charges c',
    )
    expect(JSON.stringify(everything)).not.toContain('tok_')
  })

  it('dead-letters a request for an amount that is none', async () => {
    const rig = await paymentRig()
    expect(await rig.deliver(stockConfirmed({ orderId: newId(), totalMinor: -1 }))).toMatchObject({
      outcome: 'dead-letter',
    })
  })
})

describe('a cancelled order', () => {
  it('that was captured is refunded once, however often that is said', async () => {
    const rig = await paymentRig()
    const orderId = newId()
    await rig.deliver(stockConfirmed({ orderId }))
    await rig.settle()
    for (let i = 0; i < 3; i++) await rig.deliver(orderCancelled({ orderId }))
    await rig.settle()
    await rig.deliver(orderCancelled({ orderId }))
    await rig.settle()
    expect([await rig.captures(), await rig.refunds()]).toEqual([1, 1])
    expect(await rig.published(orderId)).toMatchObject([
      { type: 'OrderPaymentSucceeded', orderVersion: 4 },
      { type: 'OrderPaymentRefunded', orderVersion: 5, reason: 'CUSTOMER', amountMinor: 4_599 },
    ])
    expect(await rig.payment(orderId)).toMatchObject({ status: 'REFUNDED' })
  })

  it('that is being charged meanwhile is charged to its end and refunded', async () => {
    const rig = await paymentRig()
    const orderId = newId()
    const cancelMeanwhile: PaymentProvider = {
      ...rig.bank,
      charge: async (request, signal) => {
        await rig.deliver(orderCancelled({ orderId, reason: 'TIMEOUT' }))
        return rig.bank.charge(request, signal)
      },
    }
    await rig.deliver(stockConfirmed({ orderId }))
    await rig.settle(rig.charger({ provider: cancelMeanwhile }))
    expect([await rig.captures(), await rig.refunds()]).toEqual([1, 1])
    expect(types(await rig.published(orderId))).toEqual(['OrderPaymentSucceeded', 'OrderPaymentRefunded'])
  })

  it('is not charged when the cancellation comes before the request', async () => {
    const rig = await paymentRig()
    const orderId = newId()
    expect(await rig.deliver(orderCancelled({ orderId }))).toEqual({ outcome: 'done' })
    expect(await rig.deliver(stockConfirmed({ orderId }))).toMatchObject({ outcome: 'ignored' })
    await rig.settle()
    expect(await rig.captures()).toBe(0)
    expect(await rig.payment(orderId)).toMatchObject({ status: 'CANCELLED', payment_token: null })
    expect(await rig.published(orderId)).toEqual([])
  })

  it('is not charged when the cancellation comes before the provider was called', async () => {
    const rig = await paymentRig()
    const orderId = newId()
    await rig.deliver(stockConfirmed({ orderId }))
    await rig.deliver(orderCancelled({ orderId }))
    await rig.settle()
    expect(await rig.captures()).toBe(0)
    expect(await rig.payment(orderId)).toMatchObject({ status: 'CANCELLED', payment_token: null })
  })

  it('asked for and cancelled by many at once ends charged and refunded, or neither', async () => {
    const rig = await paymentRig()
    const orders = Array.from({ length: 15 }, () => newId())
    const workers = [rig.charger(), rig.charger()]
    const work = workers.map((worker) => worker.loop.run(new AbortController().signal))
    await Promise.all(
      orders.flatMap((orderId) => [
        rig.deliver(stockConfirmed({ orderId })),
        rig.deliver(orderCancelled({ orderId })),
        rig.deliver(stockConfirmed({ orderId })),
        rig.deliver(orderCancelled({ orderId })),
      ]),
    )
    await Promise.all(work)
    await rig.settle()
    expect(await rig.refunds()).toBe(await rig.captures())
    for (const orderId of orders) expect((await rig.payment(orderId)).status).toMatch(/^(CANCELLED|REFUNDED)$/)
  })
})

describe('while the provider is away', () => {
  it('a refund is asked for less and less often', async () => {
    const rig = await paymentRig()
    const orderId = newId()
    await rig.deliver(stockConfirmed({ orderId }))
    await rig.settle()
    await rig.deliver(orderCancelled({ orderId }))
    const refund = async () => {
      throw new Unavailable('PROVIDER_AWAY', 'the provider is away')
    }
    const charger = rig.charger({ provider: { ...rig.bank, refund }, retryMs: 1_000 })
    const waits: number[] = []
    for (let attempt = 1; attempt <= 4; attempt++) {
      await rig.database.query('update payments set due_at = now() where order_id = $1', [orderId])
      await charger.loop.run(new AbortController().signal)
      await charger.idle()
      const [row] = await rig.database.query<{ wait: number }>(
        'select (extract(epoch from due_at - updated_at) * 1000)::int as wait from payments where order_id = $1',
        [orderId],
      )
      waits.push(row?.wait ?? 0)
    }
    // Doubling, each with a jitter of its upper half.
    for (const [index, wait] of waits.entries()) {
      expect(wait).toBeGreaterThanOrEqual(500 * 2 ** index)
      expect(wait).toBeLessThanOrEqual(1_000 * 2 ** index)
    }
  })
})

describe('after a crash', () => {
  it('a charge that was captured and never answered is found, told and not made again', async () => {
    const rig = await paymentRig()
    const orderId = newId()
    await rig.deliver(stockConfirmed({ orderId, token: 'tok_once' }))
    await rig.settle()
    expect(await rig.captures()).toBe(1)
    expect(await rig.published(orderId)).toMatchObject([{ type: 'OrderPaymentSucceeded', attempts: 2 }])
  })

  it('between claim and answer somebody else finishes it once the lease has run out, not before', async () => {
    const rig = await paymentRig()
    const orderId = newId()
    await rig.deliver(stockConfirmed({ orderId }))
    const dying: PaymentProvider = {
      ...rig.bank,
      charge: (request, signal) => rig.bank.charge(request, signal).then(() => new Promise(() => {})),
    }
    const dead = rig.charger({ provider: dying, timeoutMs: 300 })
    await dead.loop.run(new AbortController().signal)
    const other = rig.charger()
    await other.loop.run(new AbortController().signal)
    await other.idle()
    expect(await rig.published(orderId)).toEqual([])
    await rig.leasesEnd()
    await rig.settle(other)
    expect(await rig.captures()).toBe(1)
    expect(types(await rig.published(orderId))).toEqual(['OrderPaymentSucceeded'])
  })

  it('in the middle of a refund it is made once', async () => {
    const rig = await paymentRig()
    const orderId = newId()
    await rig.deliver(stockConfirmed({ orderId }))
    await rig.settle()
    await rig.deliver(orderCancelled({ orderId }))
    const lost: PaymentProvider = {
      ...rig.bank,
      refund: async (request, signal) => {
        await rig.bank.refund(request, signal)
        throw new TypeError('connection reset')
      },
    }
    const worker = rig.charger({ provider: lost })
    await worker.loop.run(new AbortController().signal)
    await worker.idle()
    expect(await rig.payment(orderId)).toMatchObject({ status: 'REFUNDING' })
    await rig.leasesEnd()
    await rig.settle()
    expect(await rig.refunds()).toBe(1)
    expect(types(await rig.published(orderId))).toEqual(['OrderPaymentSucceeded', 'OrderPaymentRefunded'])
  })
})

describe('the simulated provider', () => {
  it.each([
    ['tok_visa', 'SUCCEEDED', 1],
    ['tok_declined', 'FAILED', 1],
    ['tok_error', 'SUCCEEDED', 3],
    ['tok_once', 'SUCCEEDED', 2],
    ['tok_never_heard_of', 'FAILED', 1],
  ])('treats %s as told: %s after %i calls, for every order anew', async (token, status, attempts) => {
    const rig = await paymentRig()
    for (const orderId of [newId(), newId()]) {
      await rig.deliver(stockConfirmed({ orderId, token }))
      await rig.settle()
      expect(await rig.payment(orderId)).toMatchObject({ status, attempts })
    }
  })

  it('takes five seconds for tok_slow, and meanwhile others are charged', async () => {
    const rig = await paymentRig()
    const [slow, quick] = [newId(), newId()]
    await rig.deliver(stockConfirmed({ orderId: slow, token: 'tok_slow' }))
    await rig.deliver(stockConfirmed({ orderId: quick }))
    const worker = rig.charger()
    const began = performance.now()
    await worker.loop.run(new AbortController().signal)
    await expect.poll(() => rig.payment(quick), { timeout: 3_000 }).toMatchObject({ status: 'SUCCEEDED' })
    expect(await rig.payment(slow)).toMatchObject({ status: 'CHARGING' })
    await worker.idle()
    expect(performance.now() - began).toBeGreaterThan(4_900)
    expect(await rig.payment(slow)).toMatchObject({ status: 'SUCCEEDED', attempts: 1 })
  })

  it('refuses a key that stands for another amount, and a refund of what was not captured', async () => {
    const rig = await paymentRig()
    const { signal } = new AbortController()
    const request = { key: 'k', amountMinor: 1, currency: 'EUR', paymentToken: 'tok_visa' }
    await rig.bank.charge(request, signal)
    await expect(rig.bank.charge({ ...request, amountMinor: 2 }, signal)).rejects.toMatchObject({
      code: 'PROVIDER_KEY_REUSED',
    })
    const refund = { key: 'r', chargeKey: 'unknown', amountMinor: 1, currency: 'EUR' }
    await expect(rig.bank.refund(refund, signal)).rejects.toMatchObject({ code: 'PROVIDER_NOTHING_TO_REFUND' })
  })
})

describe("ordering's Paid", () => {
  it('shows that our answer has arrived; for an order without a payment it is tried again', async () => {
    const rig = await paymentRig()
    const orderId = newId()
    expect(await rig.deliver(orderPaid({ orderId }))).toMatchObject({ outcome: 'retry' })
    await rig.deliver(stockConfirmed({ orderId }))
    await rig.settle()
    expect(await rig.deliver(orderPaid({ orderId }))).toEqual({ outcome: 'done' })
    expect(await rig.payment(orderId)).toMatchObject({ outcome_seen: true })
    expect(await rig.deliver(orderPaid({ orderId }))).toMatchObject({ outcome: 'ignored' })
  })
})
