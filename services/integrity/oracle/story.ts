import type { Evidence } from './evidence.ts'

/** All that any store says of one order, oldest first where there is an order: what a person needs to see what went wrong. */
export function storyOf(orderId: string, evidence: Evidence): readonly string[] {
  const { clients, basket, ordering, catalog, payment, outbox, deadLetters, records, clickhouse } = evidence
  const of = <T>(rows: readonly T[], keyOf: (row: T) => string | null) => rows.filter((row) => keyOf(row) === orderId)
  const line = (where: string) => (row: object) => `${where.padEnd(22)} ${JSON.stringify(row)}`
  return [
    ...of(clients.accepted, (row) => row.orderId).map(line('client: 202')),
    ...of(basket.checkouts, (row) => row.orderId).map(line('basket.checkouts')),
    ...of(ordering.orders, (row) => row.orderId).map(line('ordering.orders')),
    ...of(ordering.steps, (row) => row.orderId).map(line('ordering.order_steps')),
    ...of(catalog.reservations, (row) => row.orderId).map(line('catalog.reservations')),
    ...of(catalog.movements, (row) => row.orderId).map(line('catalog.movements')),
    ...of(payment.payments, (row) => row.orderId).map(line('payment.payments')),
    ...of(payment.charges, (row) => row.key).map(line('bank: charge')),
    ...of(payment.refunds, (row) => row.chargeKey).map(line('bank: refund')),
    ...of(outbox, (row) => row.key).map(({ part, ...row }) => line(`${part}.outbox`)(row)),
    ...of(deadLetters, (row) => row.key).map(({ part, ...row }) => line(`${part}.dead_letters`)(row)),
    ...of(records, (row) => row.key).map(({ topic, partition, offset, type, eventId, value }) =>
      line(`${topic}/${partition}/${offset}`)({
        type,
        eventId,
        version: value.version ?? value.orderVersion,
        at: value.occurredAt,
      }),
    ),
    ...of(clickhouse.orders, (row) => row.orderId).map(line('ClickHouse: order')),
    ...of(clickhouse.events, (row) => row.orderId).map(line('ClickHouse: event')),
  ]
}
