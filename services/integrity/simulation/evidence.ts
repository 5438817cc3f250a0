import type { MemoryBroker } from '#pipelines/stream/binders/memory/broker.ts'
import { TOPICS } from '../oracle/contract.ts'
import type { Evidence, LogRecord } from '../oracle/evidence.ts'
import { tablesOf } from '../oracle/tables.ts'
import type { Lane } from './lane.ts'
import type { PlannedOrder } from './scenario.ts'
import type { SimulatedShop } from './shop.ts'

/** What the oracle needs to judge a run. ClickHouse is not simulated: it is given what it would have. */
export async function evidenceOf(
  lane: Lane,
  shop: SimulatedShop,
  accepted: readonly PlannedOrder[],
  cancelled: ReadonlySet<number>,
): Promise<Evidence> {
  const { customers, productIds } = shop
  const orderIds = accepted.map(({ number }) => shop.orderIdOf(number))
  const tables = await tablesOf(
    (part, read) => read(async (text, values = []) => (await lane.databases[part].query(text, values)) as never[]),
    { orderIds, customers, productIds },
  )
  const records = await recordsOf(shop.broker, lane, shop.inboxWasKept())
  const captured = tables.payment.charges.filter((charge) => charge.captured)
  return {
    ...tables,
    clients: {
      accepted: accepted.map(({ number }) => ({
        orderId: shop.orderIdOf(number),
        customer: shop.customerOf(number),
        cancelled: cancelled.has(number),
      })),
      unanswered: [],
      kept: accepted.flatMap(({ number, lines }) =>
        lines.map(({ product, quantity }) => ({
          customer: shop.customerOf(number),
          productId: productIds[product] ?? '',
          quantity,
        })),
      ),
      isOurs: (customer) => customers.includes(customer),
      broken: [],
    },
    records,
    lag: [],
    clickhouse: {
      events: records.map(({ topic, partition, offset, type, eventId, key }) => ({
        topic,
        partition,
        offset,
        type,
        eventId,
        orderId: key,
      })),
      orders: tables.ordering.orders.map(({ orderId, status, version, totalMinor, unitCount }) => ({
        orderId,
        status,
        version,
        totalMinor,
        unitCount,
        cancelReason: '',
        types: records.filter(({ key }) => key === orderId).map(({ type }) => type),
      })),
      capturedMinor: captured.reduce((sum, { amountMinor }) => sum + amountMinor, 0),
    },
  }
}

/** A handler that lost its inbox may publish its consequence again: then nobody is asked who caused what. */
async function recordsOf(broker: MemoryBroker, { codec }: Lane, inboxWasKept: boolean): Promise<LogRecord[]> {
  const raw = TOPICS.flatMap((topic) => broker.recordsOf(topic))
  return Promise.all(
    raw.map(async ({ topic, partition, offset, key = '', value, headers }) => {
      const event = await codec.decode(value ?? Buffer.alloc(0))
      const { type, ...fields } = event
      const causationId = inboxWasKept ? headers.ce_causationid : undefined
      return {
        causationId,
        topic,
        partition,
        offset: Number(offset),
        key,
        type,
        eventId: event.eventId,
        value: fields as LogRecord['value'],
      }
    }),
  )
}
