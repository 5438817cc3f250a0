import { TOPICS } from '../oracle/contract.ts'
import type { Evidence, LogRecord } from '../oracle/evidence.ts'
import { type AllRead, statementOf, tablesOf } from '../oracle/tables.ts'
import type { Lane } from './lane.ts'
import { PARTS, type PartName, type PlannedOrder } from './scenario.ts'
import type { SimulatedShop } from './shop.ts'

/** What the oracle is shown of one run: all stores, as they are at this moment, as nothing happens while one looks. */
export interface Observer {
  /** Between two steps: reads what was used since the last look. Without ClickHouse's rows. */
  look(): Promise<Evidence>
  /** When all is over: everything read anew. ClickHouse is not simulated: it is given what it would have. */
  lookAtAll(): Promise<Evidence>
}

interface Told {
  readonly accepted: readonly PlannedOrder[]
  readonly cancelled: ReadonlySet<number>
}

const STATEMENTS = Object.fromEntries(PARTS.map((part) => [part, statementOf(part)])) as Record<PartName, string>

export function createObserver(lane: Lane, shop: SimulatedShop, told: Told): Observer {
  const values = [shop.orderIds, shop.customers, shop.productIds]
  const records = createRecords(lane, shop)
  const read: Partial<Record<PartName, unknown>> = {}

  async function look(): Promise<Evidence> {
    const used = PARTS.filter((part) => lane.used.has(part) || read[part] === undefined)
    lane.used.clear()
    const rows = await Promise.all(used.map((part) => lane.read(part, STATEMENTS[part], values)))
    for (const [index, part] of used.entries()) read[part] = rows[index]
    return {
      ...tablesOf(read as AllRead),
      clients: clientsOf(shop, told),
      records: await records.all(),
      lag: [],
      clickhouse: { events: [], orders: [], capturedMinor: 0 },
    }
  }

  return {
    look,
    async lookAtAll() {
      for (const part of PARTS) lane.used.add(part)
      const evidence = await look()
      return { ...evidence, clickhouse: clickhouseOf(evidence) }
    },
  }
}

function clientsOf(shop: SimulatedShop, { accepted, cancelled }: Told): Evidence['clients'] {
  return {
    accepted: accepted.map(({ number }) => ({
      orderId: shop.orderIdOf(number),
      customer: shop.customerOf(number),
      cancelled: cancelled.has(number),
    })),
    unanswered: [],
    kept: accepted.flatMap(({ number, lines }) =>
      lines.map(({ product, quantity }) => ({
        customer: shop.customerOf(number),
        productId: shop.productIds[product] ?? '',
        quantity,
      })),
    ),
    isOurs: (customer) => shop.customers.includes(customer),
    broken: [],
  }
}

function clickhouseOf({ records, ordering, payment }: Evidence): Evidence['clickhouse'] {
  const captured = payment.charges.filter((charge) => charge.captured)
  return {
    events: records.map(({ topic, partition, offset, type, eventId, key }) => ({
      ...{ topic, partition, offset, type, eventId },
      orderId: key,
    })),
    orders: ordering.orders.map(({ orderId, status, version, totalMinor, unitCount }) => ({
      ...{ orderId, status, version, totalMinor, unitCount },
      cancelReason: '',
      types: records.filter(({ key }) => key === orderId).map(({ type }) => type),
    })),
    capturedMinor: captured.reduce((sum, { amountMinor }) => sum + amountMinor, 0),
  }
}

/** The broker's records, each decoded once. */
function createRecords({ codec }: Lane, { broker, inboxWasKept }: SimulatedShop) {
  const decoded = new Map<unknown, LogRecord>()
  let kept = true

  async function decode(record: ReturnType<typeof broker.recordsOf>[number]): Promise<LogRecord> {
    const { topic, partition, offset, key = '', value, headers } = record
    const { type, ...fields } = await codec.decode(value ?? Buffer.alloc(0))
    // A handler that lost its inbox may publish its consequence again: then nobody is asked who caused what.
    const causationId = kept ? headers.ce_causationid : undefined
    const { eventId } = fields
    return { causationId, topic, partition, offset: Number(offset), key, type, eventId, value: { ...fields } }
  }

  return {
    async all(): Promise<LogRecord[]> {
      if (kept !== inboxWasKept()) decoded.clear()
      kept = inboxWasKept()
      const all = TOPICS.flatMap((topic) => broker.recordsOf(topic))
      for (const record of all) if (!decoded.has(record)) decoded.set(record, await decode(record))
      return all.map((record) => decoded.get(record) as LogRecord)
    },
  }
}
