import { RESTLESS, TIMES } from '../contract.ts'
import type { Evidence, Found, Invariant } from '../evidence.ts'
import { grouped } from '../grouped.ts'

/** Kafka and ClickHouse hold the same, record by record; and ClickHouse's one row per order says what ordering says. */
export const missing: Invariant = {
  name: 'missing in ClickHouse',
  promise: 'every record of every topic is in ClickHouse exactly once, and its row of an order says what ordering says',
  find: (evidence) => [...events(evidence), ...orders(evidence)],
  findAtOnce: () => [], // what is not there yet may come
}

function events({ records, clickhouse }: Evidence): Found[] {
  const place = (one: { topic: string; partition: number; offset: number }) =>
    `${one.topic}/${one.partition}/${one.offset}`
  const rows = grouped(clickhouse.events, place)
  const log = new Map(records.map((record) => [place(record), record]))
  const ends = new Map<string, number>()
  for (const { topic, partition, offset } of records)
    ends.set(`${topic}/${partition}`, Math.max(offset, ends.get(`${topic}/${partition}`) ?? -1))
  const isNewer = ({ topic, partition, offset }: { topic: string; partition: number; offset: number }) =>
    RESTLESS.has(topic) && offset > (ends.get(`${topic}/${partition}`) ?? -1)
  return [
    ...records.flatMap((record) => {
      const [row, ...more] = rows.get(place(record)) ?? []
      const at = { orderId: record.key }
      if (!row) return [{ ...at, says: `${record.type} at ${place(record)} is not in ClickHouse` }]
      if (more.length > 0)
        return [{ ...at, says: `${record.type} at ${place(record)} is in ClickHouse ${more.length + 1} times` }]
      if (record.type === 'unreadable') return []
      return row.type === record.type && row.eventId === record.eventId
        ? []
        : [{ ...at, says: `${record.type} at ${place(record)} is ${row.type} ${row.eventId} in ClickHouse` }]
    }),
    ...clickhouse.events.flatMap((row) =>
      log.has(place(row)) || isNewer(row) ? [] : [{ says: `${row.type} at ${place(row)} is only in ClickHouse` }],
    ),
  ]
}

function orders({ ordering, clickhouse, payment, records }: Evidence): Found[] {
  const told = grouped(
    records.filter(({ type }) => type in TIMES),
    ({ key }) => key,
  )
  const rows = grouped(clickhouse.orders, ({ orderId }) => orderId)
  const captured = payment.charges.reduce(
    (sum, { captured: isOurs, amountMinor }) => sum + (isOurs ? amountMinor : 0),
    0,
  )
  const found: Found[] = ordering.orders.flatMap((order) => {
    const [row, ...more] = rows.get(order.orderId) ?? []
    const { orderId } = order
    if (!row) return [{ orderId, says: 'ClickHouse has no row of this order' }]
    const sides: (readonly [string, unknown, unknown])[] = [
      ['rows', 1, more.length + 1],
      ['status', order.status, row.status],
      ['version', order.version, row.version],
      ['total', order.totalMinor, row.totalMinor],
      ['units', order.unitCount, row.unitCount],
    ]
    const has = new Set(row.types)
    const lacks = [...new Set(told.get(orderId)?.map(({ type }) => type))].filter((type) => !has.has(type))
    return [
      ...sides
        .filter(([, here, there]) => here !== there)
        .map(([what, here, there]) => ({ orderId, says: `${what}: ordering says ${here}, ClickHouse ${there}` })),
      ...lacks.map((type) => ({ orderId, says: `ClickHouse's row of the order knows nothing of ${type}` })),
    ]
  })
  if (found.length === 0 && captured !== clickhouse.capturedMinor)
    found.push({ says: `the bank captured ${captured}, ClickHouse adds up ${clickhouse.capturedMinor}` })
  return found
}
