import type { TopicName } from '#pipelines/flow/map.ts'
import { draftOf } from '#services/ordering/domain/drafts.ts'
import { succeededEvent } from '#services/payment/answers.ts'
import { chargeAnswered, refundAnswered } from '#services/payment/domain.ts'
import { decide, type Handled, handlers, move } from './handlers.ts'
import { type Allowance, type Call, CHECKOUT, type Message, ORDER_ID, publish, type World } from './world.ts'

export interface Move {
  readonly name: string
  readonly after: Handled
}

const MOST_CALLS = 2

/** Everything that can happen next. */
export function movesOf(world: World): readonly Move[] {
  return [
    ...deliveries(world),
    ...graceTask(world),
    ...charger(world),
    ...commands(world),
    ...faults(world),
    ...reminders(world),
  ]
}

/** What happens by itself, sooner or later. While there is any of it, the world is not at rest. */
export function isAtRest(world: World): boolean {
  return [...deliveries(world), ...graceTask(world), ...charger(world)].length === 0
}

function readersOf(world: World) {
  return Object.entries(handlers).flatMap(([topic, readers]) =>
    Object.entries(readers).map(([reader, handle]) => {
      const place = `${reader} ${topic}`
      return { place, handle, messages: world.topics[topic as TopicName] ?? [], next: world.at[place] ?? 0 }
    }),
  )
}

/** Each reader goes on with the next message of each of its topics: topics run against each other, a topic keeps its order. */
function deliveries(world: World): Move[] {
  return readersOf(world).flatMap(({ place, handle, messages, next }): Move[] => {
    const message = messages[next]
    if (!message) return []
    const read = { ...world, at: { ...world.at, [place]: next + 1 } }
    return [{ name: `${place.split(' ')[0]} handles ${message.type}`, after: handle(read, message) }]
  })
}

function graceTask(world: World): Move[] {
  const { order, confirmed } = world
  if (order?.status !== 'Submitted' || confirmed) return []
  const event = { type: 'GracePeriodConfirmed', orderId: ORDER_ID, orderVersion: order.version } as Message
  return [{ name: 'the grace period is confirmed', after: { world: publish({ ...world, confirmed: true }, [event]) } }]
}

function commands(world: World): Move[] {
  const { left, order } = world
  if (!order) return []
  const moves: Move[] = []
  if (left.cancels > 0)
    moves.push({
      name: 'the customer cancels',
      after: move(spend(world, 'cancels'), { type: 'Cancel', reason: 'CUSTOMER', actorRole: 'customer' }),
    })
  if (left.ships > 0 && order.status === 'Paid')
    moves.push({
      name: 'staff ships',
      after: move(spend(world, 'ships'), { type: 'Ship', carrier: null, trackingNumber: null }),
    })
  return moves
}

/** The charger's steps: it claims, asks the bank, writes the answer down. In between anything may happen, and another may do the same. */
function charger(world: World): Move[] {
  const { payment, calls, bank } = world
  const moves: Move[] = []
  const isDue = payment?.status === 'CHARGING' || payment?.status === 'REFUNDING'
  const isTaken = calls.some(({ kind }) => (kind === 'charge') === (payment?.status === 'CHARGING'))
  if (payment && isDue && (!isTaken || (world.left.lostCalls > 0 && calls.length < MOST_CALLS)))
    moves.push(claim(world, isTaken))
  for (const call of calls) {
    const others = calls.filter((one) => one !== call)
    if (call.answer === undefined) moves.push(...bankAnswers(world, call, others, bank))
    else
      moves.push({
        name: `the ${call.kind}'s answer is written down`,
        after: writeDown({ ...world, calls: others }, call),
      })
  }
  return moves
}

function claim(world: World, leaseEnded: boolean): Move {
  const { payment } = world
  const isCharge = payment?.status === 'CHARGING'
  const counted =
    payment?.status === 'CHARGING'
      ? { ...payment, effort: { ...payment.effort, attempts: payment.effort.attempts + 1 } }
      : payment
  const key = payment?.status === 'REFUNDING' ? payment.cancellation.refundId : ORDER_ID
  const call: Call = { kind: isCharge ? 'charge' : 'refund', key, answer: undefined }
  const claimed = {
    ...(leaseEnded ? spend(world, 'lostCalls') : world),
    payment: counted,
    calls: [...world.calls, call],
  }
  return {
    name: leaseEnded ? `a second worker takes the ${call.kind}` : `the ${call.kind} is claimed`,
    after: { world: claimed },
  }
}

function bankAnswers(world: World, call: Call, others: readonly Call[], bank: World['bank']): Move[] {
  const answered = (answer: Call['answer'], next: World['bank']): Handled => ({
    world: { ...world, bank: next, calls: [...others, { ...call, answer }] },
  })
  if (call.kind === 'refund') {
    const refunds = bank.refunds.includes(call.key) ? bank.refunds : [...bank.refunds, call.key]
    return [{ name: 'the bank refunds', after: answered('refunded', { ...bank, refunds }) }]
  }
  const moves: Move[] = []
  const captures = bank.captures.includes(call.key) ? bank.captures : [...bank.captures, call.key]
  if (!bank.refused)
    moves.push({
      name: 'the bank captures',
      after: answered({ outcome: 'captured', capturedAt: 1, cardBrand: null }, { ...bank, captures }),
    })
  if (bank.captures.length === 0)
    moves.push({
      name: 'the bank refuses',
      after: answered({ outcome: 'refused', reason: 'DECLINED' }, { ...bank, refused: true }),
    })
  return moves
}

function writeDown(world: World, { answer }: Call): Handled {
  return decide(world, (payment) =>
    answer === 'refunded' || answer === undefined
      ? refundAnswered(payment, { refundedAt: 1 } as never, 1)
      : chargeAnswered(payment, answer, { provider: 'bank', spentMs: 1, nowMs: 1 }),
  )
}

function faults(world: World): Move[] {
  const { left } = world
  const moves: Move[] = []
  for (const { place, messages, next } of readersOf(world)) {
    if (left.rewinds > 0)
      for (let from = 0; from < next; from++)
        moves.push({
          name: `${place} is read again from ${from}`,
          after: { world: { ...spend(world, 'rewinds'), at: { ...world.at, [place]: from } } },
        })
    if (left.losses > 0 && next < messages.length)
      moves.push({
        name: `${place} ${messages[next]?.type} is put aside`,
        after: { world: { ...spend(world, 'losses'), at: { ...world.at, [place]: next + 1 } } },
      })
  }
  if (left.lostCalls > 0)
    for (const call of world.calls)
      moves.push({
        name: `a ${call.kind} is given up`,
        after: { world: { ...spend(world, 'lostCalls'), calls: world.calls.filter((one) => one !== call) } },
      })
  return moves
}

function reminders(world: World): Move[] {
  return world.left.reminders > 0 ? remindersOf(spend(world, 'reminders')) : []
}

/** Whoever misses an answer asks, or tells, again: basket its checkout, ordering its question, catalog and payment their answer. */
export function remindersOf(world: World): Move[] {
  const { basket, order, steps, reservation, payment } = world
  const moves: Move[] = []
  const add = (name: string, messages: readonly Message[], next = world) =>
    moves.push({ name, after: { world: publish(next, messages) } })
  if (basket === 'Accepted') add('basket sends the checkout again', [CHECKOUT])
  const last = steps.at(-1)
  const redriven = { ...world, redrives: world.redrives + 1 }
  if (order?.status === 'Submitted' && world.confirmed)
    add('ordering lets the grace period be confirmed again', [], { ...redriven, confirmed: false })
  if (order && last && (order.status === 'AwaitingValidation' || order.status === 'StockConfirmed'))
    add('ordering asks again', [draftOf(order, last, world.redrives + 2) as Message], redriven)
  if (reservation?.status === 'RESERVED' && reservation.answer)
    add('catalog tells its answer again', [reservation.answer as unknown as Message])
  if (payment?.status === 'SUCCEEDED' && !payment.outcomeSeen)
    add('payment tells its answer again', [succeededEvent(payment) as unknown as Message])
  return moves
}

function spend(world: World, what: keyof Allowance): World {
  return { ...world, left: { ...world.left, [what]: world.left[what] - 1 } }
}
