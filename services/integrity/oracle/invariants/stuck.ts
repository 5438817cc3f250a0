import { isFinal } from '../contract.ts'
import type { Invariant } from '../evidence.ts'
import { grouped } from '../grouped.ts'

/** When all is over nothing waits: no order, no reservation, no payment, no event, no record, no dead letter. */
export const stuck: Invariant = {
  name: 'stuck',
  promise:
    'once the faults have ended everything comes to its end: orders, payments, reservations, outboxes, consumers; nothing is put aside',
  find({ basket, ordering, catalog, payment, outbox, deadLetters, lag, records }) {
    const status = new Map(ordering.orders.map((row) => [row.orderId, row.status]))
    const unreadable = new Set(
      records.flatMap(({ type, topic, partition, offset }) =>
        type === 'unreadable' ? [`${topic}/${partition}/${offset}`] : [],
      ),
    )
    return [
      ...ordering.orders.flatMap(({ orderId, status, sinceS }) =>
        isFinal(status) ? [] : [{ orderId, says: `${status} for ${Math.round(sinceS)} s` }],
      ),
      ...basket.checkouts.flatMap((row) =>
        row.status === 'Accepted' ? [{ orderId: row.orderId, says: 'basket does not know that ordering has it' }] : [],
      ),
      ...payment.payments.flatMap(({ orderId, status, attempts }) =>
        status === 'CHARGING' || status === 'REFUNDING'
          ? [{ orderId, says: `the payment is ${status} after ${attempts} attempts` }]
          : [],
      ),
      ...catalog.reservations.flatMap((row) =>
        row.status === 'RESERVED' && isFinal(status.get(row.orderId) ?? 'Cancelled')
          ? [
              {
                orderId: row.orderId,
                says: `units are held for an order that is ${status.get(row.orderId) ?? 'unknown'}`,
              },
            ]
          : [],
      ),
      ...[
        ...grouped(
          outbox.filter(({ sent }) => !sent),
          ({ part }) => part,
        ),
      ].map(([part, rows]) => ({
        orderId: rows[0]?.key ?? '',
        says: `${rows.length} events of ${part} are not sent; the oldest is ${rows[0]?.type} of ${rows[0]?.key}`,
      })),
      ...lag.map(({ group, topic, partition, records }) => ({
        says: `${group} is ${records} records behind in ${topic}/${partition}`,
      })),
      ...deadLetters
        // What nobody can read is where it belongs.
        .filter(
          ({ state, topic, partition, offset }) =>
            state === 'OPEN' && !unreadable.has(`${topic}/${partition}/${offset}`),
        )
        .map(({ part, topic, partition, offset, type, key, reason }) => ({
          ...(key !== null && { orderId: key }),
          says: `${part} has put aside ${type ?? 'a record'} at ${topic}/${partition}/${offset}: ${reason}`,
        })),
    ]
  },
  findAtOnce: () => [], // all may still move
}
