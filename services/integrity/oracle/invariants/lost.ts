import { ORDERING_TOPICS, READERS } from '../contract.ts'
import type { Evidence, Found, Invariant } from '../evidence.ts'

/** What was committed came through: from checkout to order, from every step and every sent outbox row to the topic. */
export const lost: Invariant = {
  name: 'lost',
  promise:
    'every accepted checkout is an order, every step of an order is in its topic, every row marked sent is with the broker; what cannot be read is kept',
  find({ basket, ordering, outbox, records, payment, deadLetters }) {
    const orders = new Set(ordering.orders.map(({ orderId }) => orderId))
    const steps = new Set(
      records.filter(({ topic }) => ORDERING_TOPICS.has(topic)).map(({ key, value }) => `${key} ${value.version}`),
    )
    const answers = new Set(
      records.filter(({ topic }) => topic === 'payment-status').map(({ key, type }) => `${key} ${type}`),
    )
    const buried = new Set(
      deadLetters.map(({ part, topic, partition, offset }) => `${part} ${topic}/${partition}/${offset}`),
    )
    return [
      ...records.flatMap(({ topic, partition, offset, type }) =>
        (type === 'unreadable' ? (READERS[topic] ?? []) : []).flatMap((reader) =>
          buried.has(`${reader} ${topic}/${partition}/${offset}`)
            ? []
            : [
                {
                  says: `${reader} dropped the unreadable record at ${topic}/${partition}/${offset} without a dead letter`,
                },
              ],
        ),
      ),
      ...basket.checkouts.flatMap(({ orderId }) =>
        orders.has(orderId) ? [] : [{ orderId, says: 'basket accepted the checkout, ordering has no such order' }],
      ),
      ...ordering.steps.flatMap(({ orderId, version, type }) =>
        steps.has(`${orderId} ${version}`) ? [] : [{ orderId, says: `step ${version} (${type}) is in no topic` }],
      ),
      ...markedAndGone({ outbox, records }),
      ...payment.payments.flatMap(({ orderId, status }) =>
        (TOLD[status] ?? []).flatMap((type) =>
          answers.has(`${orderId} ${type}`)
            ? []
            : [{ orderId, says: `the payment is ${status}, and no ${type} is in its topic` }],
        ),
      ),
    ]
  },
  // State and events commit together, so what is in no topic yet waits in the outbox, between any two steps.
  findAtOnce: (evidence) => [...markedAndGone(evidence), ...neverTold(evidence)],
}

/** What payment must have told of a payment in a status. */
const TOLD: Readonly<Record<string, readonly string[]>> = {
  SUCCEEDED: ['OrderPaymentSucceeded'],
  FAILED: ['OrderPaymentFailed'],
  REFUNDING: ['OrderPaymentSucceeded'],
  REFUNDED: ['OrderPaymentSucceeded', 'OrderPaymentRefunded'],
}

function markedAndGone({ outbox, records }: Pick<Evidence, 'outbox' | 'records'>): Found[] {
  const events = new Set(records.map(({ eventId }) => eventId))
  return outbox.flatMap(({ part, id, topic, key, type, eventId, sent }) =>
    sent && !events.has(eventId)
      ? [{ orderId: key, says: `${part}'s outbox row ${id} (${type}) is marked sent and is not in ${topic}` }]
      : [],
  )
}

function neverTold({ basket, ordering, payment, outbox, records }: Evidence): Found[] {
  const told = new Set(records.map(({ key, type }) => `${key} ${type}`))
  for (const { key, type } of outbox) told.add(`${key} ${type}`)
  const missing = (orderId: string, type: string): Found[] =>
    told.has(`${orderId} ${type}`) ? [] : [{ orderId, says: `${type} is in no topic and in no outbox` }]
  return [
    ...basket.checkouts.flatMap(({ orderId }) => missing(orderId, 'UserCheckoutAccepted')),
    ...ordering.steps.flatMap(({ orderId, type }) => missing(orderId, type)),
    ...payment.payments.flatMap(({ orderId, status }) =>
      (TOLD[status] ?? []).flatMap((type) => missing(orderId, type)),
    ),
  ]
}
