import type { Publisher } from '#pipelines/http/publisher.ts'
import type { Database } from '#pipelines/kernel/database.ts'
import type { Log } from '#pipelines/kernel/log.ts'
import type { Loop } from '#pipelines/kernel/loop.ts'
import type { Binder } from '#pipelines/stream/binders/types.ts'
import { carryOut } from '../command.ts'
import { redrive } from '../redrive.ts'
import { lockOrder } from '../store/orders.ts'
import { correlationOf, waitingOrders } from '../store/waiting.ts'
import { awaitedGroups } from './awaited.ts'
import { decide, type LateOrder, type Verdict } from './decide.ts'
import type { ReconcilerMetrics } from './metrics.ts'
import type { ReconcilerSettings } from './settings.ts'

export interface ReconcilerOptions {
  readonly database: Database
  readonly binder: Pick<Binder, 'lag'>
  readonly publisher: Pick<Publisher<'ordering'>, 'transaction' | 'publish'>
  readonly settings: ReconcilerSettings
  readonly metrics: ReconcilerMetrics
  readonly log: Log
}

export interface Reconciler extends Loop {
  /** What it thinks of an order, by what it last saw of the others. */
  judge(order: LateOrder): Verdict
}

/**
 * Sees to it that no order waits for ever for somebody else: asks again, cancels (TIMEOUT) what is not answered though it is read, and
 * says loudly what it can do nothing about. Every instance runs one; the order's lock and version keep them apart.
 */
export function createReconciler(options: ReconcilerOptions): Reconciler {
  const { database, settings, metrics, log } = options
  const groups = awaitedGroups(options)
  const alerted = new Set<string>()

  const judge = (order: LateOrder) => decide(order, groups.of(order), settings)

  async function run(signal: AbortSignal): Promise<void> {
    const late = await waitingOrders(database, Math.min(settings.redriveAfterMs, settings.stuckAfterMs))
    if (late.length === 0) {
      groups.forget()
      alerted.clear()
      metrics.stuck([])
      return
    }
    try {
      await groups.look(late)
    } finally {
      // Also while the broker is away and nothing else can be done.
      alert(late)
    }
    for (const order of late) {
      if (signal.aborted) return
      const { act } = judge(order)
      if (act !== 'wait' && order.now - order.since >= settings.redriveAfterMs) await carry(order, act)
    }
  }

  function alert(late: readonly LateOrder[]): void {
    const stuck = late
      .filter(({ now, since }) => now - since >= settings.stuckAfterMs)
      .map((order) => ({ order, why: judge(order).why }))
    metrics.stuck(stuck.map(({ order: { status }, why }) => ({ status, why })))
    const names = new Set(stuck.map(({ order, why }) => `${order.orderId}/${order.version}/${why}`))
    for (const name of alerted) if (!names.has(name)) alerted.delete(name)
    for (const { order, why } of stuck) {
      const name = `${order.orderId}/${order.version}/${why}`
      if (alerted.has(name)) continue
      alerted.add(name)
      const { orderId, status, redrives, now, since } = order
      log.warn({ orderId, status, why, redrives, waitingS: Math.round((now - since) / 1_000) }, 'an order is stuck')
    }
  }

  /** Under the order's lock, and only if it still stands where it was judged. */
  async function carry(late: LateOrder, act: 'redrive' | 'cancel'): Promise<void> {
    const { orderId, status, version } = late
    const { publisher } = options
    const isDone = await publisher.transaction(async (tx) => {
      const locked = await lockOrder(tx, orderId)
      if (locked.order?.status !== status || locked.order.version !== version) return false
      if (act === 'redrive')
        return (await redrive(tx, locked.order, { outbox: publisher, settings, by: 'reconciler' })).kind === 'redriven'
      const origin = { correlationId: await correlationOf(tx, orderId) }
      return carryOut(
        tx,
        locked,
        { type: 'Cancel', reason: 'TIMEOUT', actorRole: 'system' },
        { outbox: publisher, origin },
      )
    })
    if (!isDone) return
    if (act === 'redrive') metrics.redriven(status, 'reconciler')
    else metrics.timedOut(status)
    const facts = { orderId, status, redrives: late.redrives, waitingS: Math.round((late.now - late.since) / 1_000) }
    log.info(facts, act === 'redrive' ? 'asked again' : 'cancelled: asked several times, read, never answered')
  }

  return { name: 'reconciler', everyMs: settings.reconcileEveryMs, run, judge }
}
