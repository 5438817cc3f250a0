import type { Publisher } from '#pipelines/http/publisher.ts'
import type { Database } from '#pipelines/kernel/database.ts'
import { failpoints } from '#pipelines/kernel/failpoint.ts'
import { backoffMs, type Closable } from '#pipelines/kernel/lifecycle.ts'
import type { Log } from '#pipelines/kernel/log.ts'
import { kickable, type Loop } from '#pipelines/kernel/loop.ts'
import { chargeAnswered, type Decision, refundAnswered } from './domain.ts'
import type { Charging, Payment, Refunding } from './payment.ts'
import type { PaymentProvider } from './provider/provider.ts'
import { claimDue, lockPayment, postpone, savePayment } from './store.ts'

/**
 * Asks the provider about every payment that is due, outside any transaction and beside the partitions: however slow the provider is,
 * handlers only write and kick.
 */
export interface Charger extends Closable {
  /** One round claims what is due, as far as there is room, and begins to work on it. A kick that is lost costs one wait. */
  readonly loop: Loop & { kick(): void }
  /** Resolves when nothing that this charger has begun is unfinished. */
  idle(): Promise<void>
}

export interface ChargerOptions {
  readonly database: Database
  readonly provider: PaymentProvider
  readonly publisher: Pick<Publisher<'payment'>, 'transaction' | 'publish'>
  readonly log: Log
  /** Calls to the provider at once. */
  readonly concurrency: number
  /** Milliseconds after which a call is given up as unknown. */
  readonly timeoutMs: number
  /** First wait after a call without an answer, milliseconds; doubles up to 30 s. */
  readonly retryMs: number
}

/** Finds what a crash left behind, and what was put off. */
const SWEEP_MS = 1_000
/** What a lease is longer than the longest call: time to write the answer down. */
const LEASE_MARGIN_MS = 5_000
const RETRY_CAP_MS = 30_000

export function createCharger(options: ChargerOptions): Charger {
  const { database, concurrency, timeoutMs, log } = options
  const working = new Set<Promise<void>>()
  let closed = false
  let moreIsDue = false
  const loop = kickable({ name: 'charger', everyMs: SWEEP_MS, run: claimAndBegin })

  async function claimAndBegin(): Promise<void> {
    const room = concurrency - working.size
    moreIsDue = room <= 0
    if (closed || moreIsDue) return
    const payments = await claimDue(database, room, timeoutMs + LEASE_MARGIN_MS)
    moreIsDue = payments.length === room
    for (const payment of payments) begin(payment)
  }

  function begin(payment: Charging | Refunding): void {
    const work: Promise<void> = finish(payment, options)
      .then((next) => next?.status === 'REFUNDING' && loop.kick())
      // The row stays as it is and is due again when its lease ends: the same key then gets the same answer.
      .catch((error) => log.warn({ err: error, orderId: payment.orderId }, 'a payment is not finished: tried again'))
      .then(() => {
        working.delete(work)
        if (moreIsDue) loop.kick()
      })
    working.add(work)
  }

  async function idle(): Promise<void> {
    while (working.size > 0) await Promise.all(working)
  }

  return {
    loop,
    idle,
    async close() {
      closed = true
      await idle()
    },
  }
}

/** One call and what follows from it. Returns the payment as it was kept, if the provider answered for certain. */
async function finish(payment: Charging | Refunding, options: ChargerOptions): Promise<Payment | undefined> {
  const { database, provider, timeoutMs, retryMs, log } = options
  const began = performance.now()
  const spentMs = () => Math.round(performance.now() - began)
  const signal = AbortSignal.timeout(timeoutMs)
  let decide: (current: Payment, nowMs: number) => Decision
  try {
    decide = await withinSignal(ask(payment, provider, signal, spentMs), signal)
  } catch (error) {
    const attempts = payment.status === 'CHARGING' ? payment.effort.attempts : payment.refundAttempts
    log.warn(
      { err: error, orderId: payment.orderId, status: payment.status, attempts },
      'the provider gave no certain answer',
    )
    await postpone(database, payment, {
      delayMs: backoffMs(attempts, { baseMs: retryMs, capMs: RETRY_CAP_MS }),
      spentMs: spentMs(),
    })
    return undefined
  }
  return settle(payment.orderId, decide, options)
}

async function ask(
  payment: Charging | Refunding,
  provider: PaymentProvider,
  signal: AbortSignal,
  spentMs: () => number,
): Promise<(current: Payment, nowMs: number) => Decision> {
  const { orderId, amountMinor, currency } = payment
  if (failpoints) await failpoints.at('charge.call.before')
  if (payment.status === 'REFUNDING') {
    const request = { key: payment.cancellation.refundId, chargeKey: orderId, amountMinor, currency }
    const answer = await provider.refund(request, signal)
    if (failpoints) await failpoints.at('charge.call.after')
    return (current, nowMs) => refundAnswered(current, answer, nowMs)
  }
  const { paymentToken } = payment
  const answer = await provider.charge({ key: orderId, amountMinor, currency, paymentToken }, signal)
  if (failpoints) await failpoints.at('charge.call.after')
  const facts = { provider: provider.name, spentMs: spentMs() }
  return (current, nowMs) => chargeAnswered(current, answer, { ...facts, nowMs })
}

/** The second transaction: lock, decide again from what stands there now, keep state and event together. */
async function settle(
  orderId: string,
  decide: (current: Payment, nowMs: number) => Decision,
  { publisher }: ChargerOptions,
): Promise<Payment | undefined> {
  return publisher.transaction(async (tx) => {
    const locked = await lockPayment(tx, orderId)
    if (!locked) return undefined
    const decision = decide(locked.payment, locked.nowMs)
    // Sent together, run in this order: the row is locked since the statement before.
    await Promise.all([
      decision.next && savePayment(tx, decision.next),
      decision.events.length > 0 && publisher.publish(tx, decision.events, locked.origin),
    ])
    return decision.next
  })
}

/** Gives up when the signal says so, also on a provider that does not listen to it. */
function withinSignal<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(signal.reason)
    signal.addEventListener('abort', giveUp, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp))
  })
}
