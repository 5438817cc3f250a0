import { ORDERING_TOPICS } from '../contract.ts'
import type { Evidence, Found, Invariant, LogRecord, MovementRow } from '../evidence.ts'
import { grouped } from '../grouped.ts'

/** Nothing happened twice, however often it was delivered. */
export const doubled: Invariant = {
  name: 'doubled',
  promise:
    'nothing has its effect twice: no order without its checkout, no unit moved again, no event that contradicts its first copy',
  find: everything,
  findAtOnce: everything,
}

function everything(evidence: Evidence): Found[] {
  return [...strayOrders(evidence), ...doubleMoves(evidence), ...contradictions(evidence)]
}

function strayOrders({ basket, ordering, clients }: Evidence): Found[] {
  const checkouts = new Set(basket.checkouts.map(({ orderId }) => orderId))
  const told = grouped(clients.accepted, ({ customer }) => customer)
  const open = grouped(clients.unanswered, ({ customer }) => customer)
  const ours = ordering.orders.filter(({ customerId }) => clients.isOurs(customerId))
  return [
    ...ordering.orders.flatMap(({ orderId }) =>
      checkouts.has(orderId) ? [] : [{ orderId, says: 'an order that no checkout asked for' }],
    ),
    ...[...grouped(ordering.orders, ({ basketId }) => basketId)].flatMap(([basketId, orders]) =>
      orders.length > 1
        ? orders.map(({ orderId }) => ({ orderId, says: `one of ${orders.length} orders of basket ${basketId}` }))
        : [],
    ),
    ...[...grouped(ours, ({ customerId }) => customerId)].flatMap(([customer, orders]) => {
      const answered = told.get(customer)?.length ?? 0
      const most = answered + (open.get(customer)?.length ?? 0)
      return orders.length > most
        ? orders.map(({ orderId }) => ({
            orderId,
            says: `${customer} has ${orders.length} orders, and sent at most ${most}`,
          }))
        : []
    }),
  ]
}

function doubleMoves({ ordering, catalog }: Evidence): Found[] {
  const ordered = new Map(
    ordering.items.map(({ orderId, productId, quantity }) => [`${orderId} ${productId}`, quantity]),
  )
  const moves = grouped(
    catalog.movements.filter((movement): movement is MovementRow & { orderId: string } => movement.orderId !== null),
    ({ orderId, productId }) => `${orderId} ${productId}`,
  )
  return [...moves].flatMap(([place, movements]) => {
    const [orderId = '', productId] = place.split(' ')
    const wanted = ordered.get(place) ?? 0
    const of = (reason: string) =>
      movements.filter((one) => one.reason === reason).reduce((sum, { delta }) => sum + Math.abs(delta), 0)
    const [reserved, released, sold] = [of('RESERVED'), of('RELEASED'), of('SOLD')]
    return reserved > wanted || released + sold > reserved
      ? [
          {
            orderId,
            says: `of ${productId}: ordered ${wanted}, reserved ${reserved}, given back ${released}, sold ${sold}`,
          },
        ]
      : []
  })
}

/** Copies may differ in their event id and attempt; nothing else. */
function contradictions({ records }: Evidence): Found[] {
  const content = ({ value: { eventId: _, attempt: __, ...rest } }: LogRecord) => JSON.stringify(rest)
  const versions = grouped(
    records.filter(({ topic }) => ORDERING_TOPICS.has(topic)),
    ({ key, value }) => `${key} ${value.version}`,
  )
  const ids = grouped(
    records.filter(({ eventId }) => eventId !== ''),
    ({ eventId }) => eventId,
  )
  const answers = grouped(
    records.filter(
      ({ topic }) => topic === 'order-stock-statuses' || topic === 'payment-status' || topic === 'order-checkouts',
    ),
    ({ topic, key, type }) => `${topic} ${key} ${type}`,
  )
  const consequences = grouped(
    records.filter(({ causationId }) => causationId !== undefined),
    ({ topic, key, type, value, causationId }) =>
      `${topic} ${key} ${type} ${value.version ?? value.stockVersion ?? ''} by ${causationId}`,
  )
  const verdicts = grouped(
    records.filter(({ topic }) => topic === 'order-stock-statuses'),
    ({ key }) => key,
  )
  return [
    ...differing(versions, (record) => `${record.type} ${content(record)}`, 'differing events of one version'),
    ...differing(ids, (record) => `${record.topic} ${JSON.stringify(record.value)}`, 'differing events of one id'),
    ...differing(answers, content, 'differing copies of one answer'),
    // One handling publishes an event once. Its copies by the relay have its id; with another id it was handled again.
    ...differing(consequences, ({ eventId }) => eventId, 'one event had its consequence twice'),
    ...differing(verdicts, ({ type }) => type, 'the stock was both confirmed and refused'),
  ]
}

function differing(groups: Map<string, LogRecord[]>, contentOf: (record: LogRecord) => string, says: string): Found[] {
  return [...groups].flatMap(([name, records]) =>
    records.length > 1 && new Set(records.map(contentOf)).size > 1
      ? [{ orderId: records[0]?.key ?? '', says: `${says}: ${name}` }]
      : [],
  )
}
