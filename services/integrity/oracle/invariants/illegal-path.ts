import { NEXT_STEPS, ORDERING_TOPICS, STATUS_OF } from '../contract.ts'
import type { Evidence, Found, Invariant, LogRecord } from '../evidence.ts'
import { grouped } from '../grouped.ts'

/** Every order went a legal way, and every topic tells of a key in the order in which it happened. */
export const illegalPath: Invariant = {
  name: 'illegal path',
  promise: "every order took legal steps, counted without a gap, and every topic holds a key's events in their order",
  find: everything,
  findAtOnce: everything,
}

function everything(evidence: Evidence): Found[] {
  return [...steps(evidence), ...orderInTopics(evidence)]
}

function steps({ ordering }: Evidence): Found[] {
  const byOrder = grouped(ordering.steps, ({ orderId }) => orderId)
  return ordering.orders.flatMap(({ orderId, status, version }) => {
    const path = byOrder.get(orderId) ?? []
    const found: Found[] = []
    if (path[0]?.type !== 'OrderStarted') found.push({ orderId, says: `begins with ${path[0]?.type ?? 'nothing'}` })
    for (const [index, step] of path.entries()) {
      if (step.version !== index + 1) found.push({ orderId, says: `step ${index + 1} has version ${step.version}` })
      const before = path[index - 1]
      if (before && !NEXT_STEPS[before.type]?.includes(step.type))
        found.push({ orderId, says: `${step.type} after ${before.type}` })
    }
    const last = path.at(-1)
    if (last && (STATUS_OF[last.type] !== status || last.version !== version))
      found.push({
        orderId,
        says: `${status} in version ${version}, and its last step is ${last.type} in version ${last.version}`,
      })
    return found
  })
}

/** How a topic's events of one key count, where they do. Copies may come later; a first appearance may not come before an earlier one's. */
function countOf({ topic, value }: LogRecord): number | undefined {
  if (ORDERING_TOPICS.has(topic)) return Number(value.version)
  if (topic === 'product-stock-changes') return Number(value.stockVersion)
  if (topic === 'product-price-changes') return Number(value.priceVersion)
  if (topic === 'payment-status') return value.refundId === undefined ? 1 : 2
  return undefined
}

function orderInTopics({ records }: Evidence): Found[] {
  const counted = records.filter((record) => record.type !== 'unreadable' && countOf(record) !== undefined)
  return [...grouped(counted, ({ topic, partition, key }) => `${topic}/${partition} ${key}`)].flatMap(
    ([place, some]) => {
      let most = Number.NEGATIVE_INFINITY
      const seen = new Set<number>()
      return some.flatMap((record): Found[] => {
        const count = countOf(record) ?? 0
        const isLate = !seen.has(count) && count < most
        const leaps = record.topic === 'product-stock-changes' && seen.size > 0 && count > most + 1
        seen.add(count)
        most = Math.max(most, count)
        return isLate || leaps
          ? [
              {
                orderId: record.key,
                says: `${place}: ${count} at offset ${record.offset} ${isLate ? 'after' : 'right after'} ${leaps ? 'a gap' : most}`,
              },
            ]
          : []
      })
    },
  )
}
