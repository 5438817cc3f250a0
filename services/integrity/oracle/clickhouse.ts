import { CodedError } from '#pipelines/kernel/errors.ts'
import { TIMES } from './contract.ts'
import type { ClickHouseRows } from './evidence.ts'

const TYPES = `arrayFilter(type -> type != '', [${Object.entries(TIMES)
  .map(([type, column]) => `if(${column} IS NULL, '', '${type}')`)
  .join(', ')}])`

/** Reads what ClickHouse publishes, over plain HTTP. @throws CodedError `CLICKHOUSE_REFUSED`, or what `fetch` throws while it is away */
export async function readClickHouse(url: string): Promise<ClickHouseRows> {
  const [events, orders, [captured]] = await Promise.all([
    ask<[string, number, string, string, string, string | null]>(
      url,
      `SELECT topic, partition, toString(offset), type, toString(event_id), toString(order_id) FROM eshop.events`,
    ),
    ask<[string, string, number, string | null, string, string, string[]]>(
      url,
      `SELECT toString(order_id), status, version, toString(total_minor), toString(unit_count), cancel_reason, ${TYPES} FROM eshop.orders`,
    ),
    ask<[string]>(url, `SELECT toString(sum(charged_minor)) FROM eshop.orders WHERE payment_succeeded_at IS NOT NULL`),
  ])
  return {
    events: events.map(([topic, partition, offset, type, eventId, orderId]) => ({
      topic,
      partition,
      offset: Number(offset),
      type,
      eventId,
      orderId,
    })),
    orders: orders.map(([orderId, status, version, totalMinor, unitCount, cancelReason, types]) => ({
      orderId,
      status,
      version,
      totalMinor: totalMinor === null ? null : Number(totalMinor),
      unitCount: Number(unitCount),
      cancelReason,
      types,
    })),
    capturedMinor: Number(captured?.[0] ?? 0),
  }
}

async function ask<R>(url: string, query: string): Promise<R[]> {
  const answer = await fetch(url, {
    method: 'POST',
    body: `${query} FORMAT JSONCompactEachRow`,
    signal: AbortSignal.timeout(60_000),
  })
  const text = await answer.text()
  if (!answer.ok) throw new CodedError('CLICKHOUSE_REFUSED', `ClickHouse: ${text.slice(0, 500)}`)
  return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as R]))
}
