import { onTestFinished } from 'vitest'
import { silentLog } from '#pipelines/kernel/log.ts'
import { createOutbox, outboxMigrations } from '#pipelines/outbox/outbox.ts'
import type { Delivery, HandlerContext, Outcome } from '#pipelines/stream/types.ts'
import { testDatabase } from '#pipelines/testing/database.ts'
import type {
  EventInput,
  OrderStatusChangedToCancelled,
  OrderStatusChangedToPaid,
  OrderStatusChangedToStockConfirmed,
} from '#schemas/generated/events.ts'
import { type Charger, type ChargerOptions, createCharger } from '../charger.ts'
import type { PaymentDraft } from '../domain.ts'
import { paymentHandlers } from '../handlers.ts'
import { paymentMigrations } from '../migrations.ts'
import type { PaymentProvider } from '../provider/provider.ts'
import { simulatedProvider } from '../provider/simulated.ts'

type Heard = OrderStatusChangedToStockConfirmed | OrderStatusChangedToCancelled | OrderStatusChangedToPaid

/** The handlers and chargers of payment on a database of their own, without a broker: events are given to it, and read from its outbox. */
export async function paymentRig() {
  const database = await testDatabase({ migrations: [outboxMigrations, ...paymentMigrations], maxConnections: 20 })
  const outbox = createOutbox('payment', { encode: (event: EventInput) => Buffer.from(JSON.stringify(event)) })
  const publisher = { publish: outbox.publish, transaction: database.transaction }
  const bank = simulatedProvider(database, { silenceMs: 20 })
  const chargers: Charger[] = []
  onTestFinished(async () => {
    for (const charger of chargers) await charger.close()
    await database.close()
  })

  function charger(options: Partial<ChargerOptions> & { provider?: PaymentProvider } = {}): Charger {
    const made = createCharger({
      database,
      publisher,
      provider: bank,
      log: silentLog,
      concurrency: 8,
      timeoutMs: 10_000,
      retryMs: 1,
      ...options,
    })
    chargers.push(made)
    return made
  }

  /** One delivery, in a transaction as the consumer makes it. */
  async function deliver(event: Heard): Promise<Outcome> {
    return database.transaction(async (tx) => {
      const handlers = paymentHandlers({ kick: () => {} })
      const delivery = { eventId: event.eventId, correlationId: undefined, traceparent: undefined } as Delivery
      const context: HandlerContext<'payment'> = {
        tx,
        delivery,
        log: silentLog,
        publish: (...drafts) => outbox.publish(tx, drafts, {}),
        afterCommit: () => {},
      }
      switch (event.type) {
        case 'OrderStatusChangedToStockConfirmed':
          return handlers['stock-confirmed'].OrderStatusChangedToStockConfirmed(event, context)
        case 'OrderStatusChangedToCancelled':
          return handlers['cancelled-orders'].OrderStatusChangedToCancelled(event, context)
        case 'OrderStatusChangedToPaid':
          return handlers['paid-orders'].OrderStatusChangedToPaid(event, context)
      }
    })
  }

  /** All that is or was to be sent about an order, in order, without what makes each publication its own. */
  async function published(orderId: string): Promise<(PaymentDraft & { eventId: string })[]> {
    const rows = await database.query<{ payload: Buffer }>('select payload from outbox where key = $1 order by id', [
      orderId,
    ])
    return rows.map(({ payload }) => JSON.parse(payload.toString()))
  }

  /** Lets a charger work until nothing is left to do, however often the provider has to be asked. */
  async function settle(worker: Charger = charger()): Promise<void> {
    for (let round = 0; round < 200; round++) {
      await worker.loop.run(new AbortController().signal)
      await worker.idle()
      const [open] = await database.query('select 1 from payments where due_at is not null')
      if (!open) return
    }
  }

  const one = async <T>(text: string, ...values: unknown[]) => (await database.query(text, values))[0] as T
  return {
    database,
    bank,
    charger,
    deliver,
    published,
    settle,
    payment: (orderId: string) => one<Record<string, unknown>>('select * from payments where order_id = $1', orderId),
    captures: async () =>
      (await one<{ n: number }>('select count(*)::int as n from provider.charges where captured_at is not null')).n,
    refunds: async () => (await one<{ n: number }>('select count(*)::int as n from provider.refunds')).n,
    /** As after the lease of a worker that died. */
    leasesEnd: () => database.query('update payments set due_at = now() where due_at is not null'),
  }
}
