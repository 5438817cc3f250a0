import type { Tx } from '#pipelines/kernel/database.ts'
import { newId } from '#pipelines/kernel/ids.ts'
import { silentLog } from '#pipelines/kernel/log.ts'
import { createOutbox } from '#pipelines/outbox/outbox.ts'
import { checkOut } from '#services/basket/checkout.ts'
import { basketHandlers } from '#services/basket/handlers.ts'
import { resendCheckouts } from '#services/basket/loops.ts'
import { acceptCheckout } from '#services/basket/store/checkouts.ts'
import { catalogHandlers } from '#services/catalog/handlers.ts'
import { resendAnswers as resendStock } from '#services/catalog/loops.ts'
import { carryOut } from '#services/ordering/command.ts'
import type { Command } from '#services/ordering/domain/inputs.ts'
import { confirmGracePeriods } from '#services/ordering/grace-period/confirm.ts'
import { orderHandlers } from '#services/ordering/handlers.ts'
import { redrive } from '#services/ordering/redrive.ts'
import { lockOrder } from '#services/ordering/store/orders.ts'
import { createCharger } from '#services/payment/charger.ts'
import { paymentHandlers } from '#services/payment/handlers.ts'
import { resendAnswers as resendPayments } from '#services/payment/loops.ts'
import type { PaymentProvider } from '#services/payment/provider/provider.ts'
import { simulatedProvider } from '#services/payment/provider/simulated.ts'
import type { Lane } from './lane.ts'
import type { PartName, PlannedOrder, Scenario } from './scenario.ts'
import { openBroker, openStream } from './stream.ts'

const SETTINGS = { reconcileEveryMs: 10, redriveAfterMs: 10, redriveCapMs: 10, timeoutRedrives: 100, stuckAfterMs: 10 }
const NEVER = new AbortController().signal
const PRICE = 700
const none = { inc: () => {} }

/** The four services of one run, on a lane: their real code, every step of which somebody else lets happen. */
export async function openShop(lane: Lane, { orders, shelf }: Scenario) {
  const { databases } = lane
  const run = newId()
  const broker = openBroker()
  const streams = {
    basket: openStream('basket', lane, broker, basketHandlers()),
    catalog: openStream('catalog', lane, broker, catalogHandlers()),
    ordering: openStream('ordering', lane, broker, orderHandlers({ graceMs: 0 })),
    payment: openStream('payment', lane, broker, paymentHandlers({ kick: () => {} })),
  }
  const publisherOf = <P extends PartName>(part: P) => ({
    transaction: databases[part].transaction,
    publish: streams[part].outbox.publish as never,
  })
  const graceOutbox = createOutbox('grace-period', lane.codec)
  const bank = { silent: false }
  let kept = true
  const charger = createCharger({
    database: databases.payment,
    publisher: publisherOf('payment'),
    provider: silenceable(simulatedProvider(databases.payment, { silenceMs: 0 }), bank),
    log: silentLog,
    concurrency: 4,
    timeoutMs: 60_000,
    retryMs: 0,
  })
  const productIds = shelf.map(() => newId())
  for (const [index, units] of shelf.entries()) await stockUp(lane, productIds[index] ?? '', units)
  const customerOf = (number: number) => `${run}-${number}`
  const orderIds = new Map(orders.map(({ number }) => [number, newId()]))

  return {
    broker,
    streams,
    bank,
    productIds,
    orderIds: [...orderIds.values()],
    customers: orders.map(({ number }) => customerOf(number)),
    customerOf,
    orderIdOf: (number: number) => orderIds.get(number) ?? '',

    /** The customer checks out, and begins a new basket. */
    async checkOut(planned: PlannedOrder): Promise<void> {
      const customerId = customerOf(planned.number)
      const lines = planned.lines.map(({ product, quantity }, index) => ({
        lineNo: index + 1,
        productId: productIds[product] ?? '',
        quantity,
        priceVersion: 1,
        unitPriceMinor: PRICE,
      }))
      const basket = { basketId: newId(), customerId, version: 3, lines, expiresAtMs: 0 }
      const products = new Map(
        productIds.map((productId) => [
          productId,
          {
            productId,
            sku: productId,
            name: 'n',
            brand: 'b',
            category: 'c',
            unitPriceMinor: PRICE,
            currency: 'EUR',
            priceVersion: 1,
          },
        ]),
      )
      const request = {
        address: { street: 's', city: 'c', country: 'NL', zipCode: 'z' },
        paymentToken: planned.paymentToken,
        channel: 'API',
      } as const
      await databases.basket.transaction(async (tx) => {
        await putBasket(tx, basket)
        const decision = checkOut(basket, products, request, {
          orderId: orderIds.get(planned.number) ?? '',
          nowMs: Date.now(),
        })
        if (decision.outcome !== 'accepted') throw new TypeError(`not accepted: ${decision.outcome}`)
        await acceptCheckout(tx, decision.event, 0)
        await streams.basket.outbox.publish(tx, [decision.event])
        // The same customer's next basket: whatever becomes of the order, it stays.
        await putBasket(tx, { ...basket, basketId: newId(), version: 3 })
      })
    },

    async command(number: number, command: Command): Promise<boolean> {
      return databases.ordering.transaction(async (tx) =>
        carryOut(tx, await lockOrder(tx, orderIds.get(number) ?? ''), command, {
          outbox: streams.ordering.outbox,
          origin: {},
        }),
      )
    },

    async redrive(number: number): Promise<string> {
      return databases.ordering.transaction(async (tx) => {
        const { order } = await lockOrder(tx, orderIds.get(number) ?? '')
        if (!order) return 'unknown'
        return (await redrive(tx, order, { outbox: streams.ordering.outbox, settings: SETTINGS, by: 'simulation' }))
          .kind
      })
    },

    async confirmGrace(): Promise<number> {
      const confirming = {
        database: databases.ordering,
        openOutbox: async () => graceOutbox,
        executionId: newId(),
        signal: NEVER,
      }
      return (await confirmGracePeriods(confirming)).confirmed
    },

    /** Time passes for the charger, and it does all that is due. */
    async charge(): Promise<void> {
      await databases.payment.query('update payments set due_at = now() where due_at is not null')
      await charger.loop.run(NEVER)
      await charger.idle()
    },

    /** Time passes for everybody who waits for an answer, and they ask or tell again. */
    async remind(): Promise<void> {
      await databases.basket.query('update checkouts set resend_at = now() where resend_at is not null')
      await resendCheckouts({ publisher: publisherOf('basket'), resendAfterMs: 0 }).run(NEVER)
      await resendStock({ publisher: publisherOf('catalog'), resendAfterMs: 0, resent: none }).run(NEVER)
      await resendPayments({ publisher: publisherOf('payment'), resendAfterMs: 0, resent: none }).run(NEVER)
    },

    inboxWasKept: () => kept,

    async forgetInbox(part: PartName): Promise<void> {
      kept = false
      await databases[part].query('delete from inbox')
    },

    /** What a later run must not find. */
    async tidy(): Promise<void> {
      for (const database of Object.values(databases))
        await database.pool.query('delete from outbox; delete from dead_letters; delete from inbox')
    },
  }
}

export type SimulatedShop = Awaited<ReturnType<typeof openShop>>

async function stockUp({ databases }: Lane, productId: string, units: number): Promise<void> {
  await databases.catalog.transaction(async (tx) => {
    await tx.query(
      `insert into products (id, sku, name, brand, category, price_minor, currency, exponent, price_version, created_by, updated_by)
       values ($1::uuid, $1::text, 'n', 'b', 'c', ${PRICE}, 'EUR', 2, 1, 'simulation', 'simulation')`,
      [productId],
    )
    await tx.query('insert into stock (product_id, available, stock_version) values ($1, $2, 1)', [productId, units])
    await tx.query(
      `insert into stock_movements (product_id, stock_version, reason, delta, available, reserved, sold, moved_by)
       values ($1, 1, 'RECEIVED', $2, $2, 0, 0, 'simulation')`,
      [productId, units],
    )
  })
}

async function putBasket(
  tx: Tx,
  {
    basketId,
    customerId,
    version,
    lines,
  }: { basketId: string; customerId: string; version: number; lines: readonly object[] },
) {
  await tx.query(
    `insert into baskets (basket_id, customer_id, version, lines, expires_at) values ($1, $2, $3, $4, now() + interval '1 day')`,
    [basketId, customerId, version, JSON.stringify(lines)],
  )
}

/** A bank whose answer may get lost after it has done its part. */
function silenceable(provider: PaymentProvider, bank: { silent: boolean }): PaymentProvider {
  const heard = <T>(answer: T): T => {
    if (!bank.silent) return answer
    bank.silent = false
    throw new TypeError('the answer is lost')
  }
  return {
    name: provider.name,
    close: async () => {},
    charge: (request, signal) => provider.charge(request, signal).then(heard),
    refund: (request, signal) => provider.refund(request, signal).then(heard),
  }
}
