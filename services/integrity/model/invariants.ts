import { isFinal, NEXT_STEPS, ORDERING_TOPICS, STATUS_OF, stands } from '../oracle/contract.ts'
import { type Message, ORDER_ID, UNITS, type World } from './world.ts'

/** What must hold in every world, whatever is on its way. Names the invariant that does not. */
export function faultOf(world: World): string | undefined {
  return stockFault(world) ?? pathFault(world) ?? moneyFault(world) ?? copiesFault(world)
}

function stockFault({ shelf, reservation, order }: World): string | undefined {
  const { available, reserved, sold } = shelf
  if (Math.min(available, reserved, sold) < 0) return 'oversold: a count is below zero'
  if (reserved !== (reservation?.status === 'RESERVED' ? UNITS : 0))
    return 'doubled: reserved units that no reservation explains'
  if (sold !== (reservation?.status === 'SOLD' ? UNITS : 0)) return 'doubled: sold units that no reservation explains'
  return reservation?.status === 'SOLD' && !stands(order?.status ?? '')
    ? 'unbalanced: sold, and the order does not stand'
    : undefined
}

function pathFault({ order, steps }: World): string | undefined {
  for (const [index, { type, version }] of steps.entries()) {
    const before = steps[index - 1]
    if (version !== index + 1) return 'illegal path: a version with a gap'
    if (before && !NEXT_STEPS[before.type]?.includes(type)) return `illegal path: ${type} after ${before.type}`
  }
  const last = steps.at(-1)
  return order && (STATUS_OF[last?.type ?? ''] !== order.status || last?.version !== order.version)
    ? 'illegal path: a status without its step'
    : undefined
}

function moneyFault({ bank, order, payment }: World): string | undefined {
  const status = order?.status ?? ''
  if (bank.captures.length > 1 || bank.captures.some((key) => key !== ORDER_ID)) return 'charged twice: two captures'
  if (bank.refunds.length > 1) return 'charged twice: two refunds'
  if (bank.refunds.length > 0 && bank.captures.length === 0) return 'unbalanced: refunded and never captured'
  if (bank.refunds.length > 0 && status !== 'Cancelled') return `unbalanced: refunded, and the order is ${status}`
  if (stands(status) && bank.captures.length === 0) return 'unbalanced: it stands, and was not captured'
  return payment?.status === 'FAILED' && bank.captures.length > 0
    ? 'unbalanced: captured, and payment says it failed'
    : undefined
}

const known = new WeakMap<Message, string>()

/** All of it but the attempt. A message is in many worlds: written out once. */
function contentOf(message: Message): string {
  let text = known.get(message)
  if (text === undefined) {
    const { attempt: _, ...content } = message
    text = JSON.stringify(content)
    known.set(message, text)
  }
  return text
}

/** Events of one version, and the copies of an answer, are the same but for their attempt; in a topic no version comes before an earlier one. */
function copiesFault({ topics }: World): string | undefined {
  const contents = new Map<string, string>()
  for (const [topic, messages = []] of Object.entries(topics)) {
    let most = 0
    const seen = new Set<number>()
    for (const message of messages as readonly Message[]) {
      const name = ORDERING_TOPICS.has(topic) ? `version ${message.version}` : message.type
      const text = contentOf(message)
      if ((contents.get(name) ?? text) !== text) return `doubled: two contents of ${name}`
      contents.set(name, text)
      const version = Number(message.version ?? 0)
      if (ORDERING_TOPICS.has(topic) && version < most && !seen.has(version))
        return `illegal path: ${topic} tells of ${version} after ${most}`
      most = Math.max(most, version)
      seen.add(version)
    }
  }
  return contents.has('OrderStockConfirmed') && contents.has('OrderStockRejected')
    ? 'doubled: the stock was confirmed and refused'
    : undefined
}

/** What must hold besides where nothing can happen any more. */
export function unfinished({ basket, order, reservation, shelf, payment, bank }: World): string | undefined {
  if (basket !== 'Started') return 'stuck: basket waits for ordering'
  if (!order) return 'lost: no order'
  const { status } = order
  if (!isFinal(status)) return `stuck: the order is ${status}`
  if (shelf.reserved !== 0) return `stuck: units are held for an order that is ${status}`
  if (payment?.status === 'CHARGING' || payment?.status === 'REFUNDING')
    return `stuck: the payment is ${payment.status}`
  const kept = bank.captures.length - bank.refunds.length
  if (stands(status))
    return kept === 1 && reservation?.status === 'SOLD'
      ? undefined
      : 'unbalanced: it stands, without its money or its units'
  return kept === 0 && shelf.sold === 0 ? undefined : 'unbalanced: it is cancelled, and money or units are kept'
}
