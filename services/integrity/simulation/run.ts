import { type Chance, seeded } from '#pipelines/kernel/chance.ts'
import type { Evidence, Finding } from '../oracle/evidence.ts'
import { findingsAtOnce, findingsIn } from '../oracle/invariants.ts'
import { createObserver } from './evidence.ts'
import type { Lane } from './lane.ts'
import { PARTS, type PlannedOrder, type Scenario, type Spice } from './scenario.ts'
import { openShop, type SimulatedShop } from './shop.ts'
import type { Pending, Stream } from './stream.ts'

export interface Run {
  readonly scenario: Scenario
  /** Every step that was taken. */
  readonly history: readonly string[]
  readonly findings: readonly Finding[]
  readonly evidence: Evidence
}

interface Choice {
  readonly weight: number
  take(): Promise<string>
}

const MOST_STEPS = 2_000
const MOST_ROUNDS = 12

/** How a run is looked at. The default is what a verdict needs. */
export interface Watching {
  /** False to judge the end alone. Default true. */
  readonly afterEveryStep?: boolean
  /** Comes after a step. May do something wrong, and answers what undoes it, once that step has been judged. */
  readonly meddle?: (shop: SimulatedShop) => Promise<(() => Promise<unknown>) | undefined>
  /** Is shown what a step was judged by. */
  readonly onLook?: (evidence: Evidence, shop: SimulatedShop) => Promise<void>
}

/**
 * One run: every step is drawn by the seed, until nothing more happens by itself; then those that miss something say so; then the verdict.
 * What is wrong at any moment is looked for after every step, what must come right when nothing moves any more.
 */
export async function simulate(lane: Lane, scenario: Scenario, watching: Watching = {}): Promise<Run> {
  const shop = await openShop(lane, scenario)
  const chance = seeded(scenario.seed).fork(1)
  const history: string[] = []
  const accepted: PlannedOrder[] = []
  const cancelled = new Set<number>()
  /** Parcels go when nothing else happens any more, if they could not before. */
  const unshipped = scenario.spices.filter(({ kind }) => kind === 'ship')
  const ready = { grace: false, charge: false, relay: new Set<string>(PARTS) }
  let wrong: { findings: readonly Finding[]; evidence: Evidence } | undefined

  const observer = createObserver(lane, shop, { accepted, cancelled })
  const lookAtAll = async () => {
    const evidence = await observer.lookAtAll()
    return { evidence, findings: findingsIn(evidence) }
  }
  /** After a step. What is wrong now stays wrong, whatever comes. */
  async function look() {
    const undo = await watching.meddle?.(shop)
    try {
      if (watching.afterEveryStep === false) return undefined
      const evidence = await observer.look()
      await watching.onLook?.(evidence, shop)
      const findings = findingsAtOnce(evidence)
      return findings.length > 0 ? { evidence, findings } : undefined
    } finally {
      await undo?.()
    }
  }

  function choices(): Choice[] {
    const waiting = scenario.orders.filter((order) => !accepted.includes(order))
    const deliveries = PARTS.flatMap((part) => {
      const stream = shop.streams[part] as Stream<typeof part>
      return sorted(stream.pending(), shop).map((next) => ({ stream, next }))
    })
    return [
      ...waiting.slice(0, 1).map((order): Choice => ({ weight: 1, take: () => checkOut(order) })),
      ...deliveries.map(({ stream, next }): Choice => ({ weight: 4, take: () => deliver(stream, next) })),
      ...PARTS.filter((part) => ready.relay.has(part)).map((part): Choice => ({ weight: 4, take: () => relay(part) })),
      ...(ready.grace ? [{ weight: 2, take: confirmGrace }] : []),
      ...(ready.charge ? [{ weight: 2, take: charge }] : []),
    ]
  }

  async function checkOut(order: PlannedOrder) {
    await shop.checkOut(order)
    accepted.push(order)
    ready.relay.add('basket')
    return `customer ${order.number} checks out`
  }

  async function deliver<P extends (typeof PARTS)[number]>(stream: Stream<P>, next: Pending) {
    const said = await stream.handle(next)
    // Who was given nothing to do would only take a step in which nothing happens.
    ready.relay.add(stream.part)
    if (next.record.topic === 'order-checkouts') ready.grace = true
    if (stream.part === 'payment') ready.charge = true
    if (chance.next() < 0.3) stream.commit()
    return said
  }

  async function relay(part: (typeof PARTS)[number]) {
    ready.relay.delete(part)
    return `${part} sends ${await shop.streams[part].relay()}`
  }

  async function confirmGrace() {
    ready.grace = false
    ready.relay.add('ordering')
    return `${await shop.confirmGrace()} grace periods are over`
  }

  async function charge() {
    ready.charge = false
    await shop.charge()
    ready.relay.add('payment')
    return 'the charger works'
  }

  async function spice(one: Spice) {
    history.push(`* ${one.kind} ${'order' in one ? one.order : 'part' in one ? one.part : ''}`)
    for (const part of PARTS) ready.relay.add(part)
    ready.grace = true
    ready.charge = true
    await add(one, shop, cancelled)
  }

  async function untilRest(spices: Spice[], from: number) {
    let step = from
    for (; step < MOST_STEPS; step++) {
      const all = choices()
      const isAtRest = all.length === 0
      const due = spices[0] && (isAtRest || spices[0].at <= step) ? spices.shift() : undefined
      const next = due ?? (isAtRest ? unshipped.shift() : undefined)
      if (next) await spice(next)
      else if (isAtRest) break
      else history.push(await draw(all, chance).take())
      const found = await look()
      if (found) return found
    }
    return undefined
  }

  try {
    wrong = await untilRest([...scenario.spices], 0)
    let seen = wrong ?? (await lookAtAll())
    for (let round = 0; round < MOST_ROUNDS && !wrong && seen.findings.length > 0; round++) {
      history.push('* everybody who misses something says so')
      shop.bank.silent = false
      await shop.remind()
      for (const { number } of accepted) await shop.redrive(number)
      for (const part of PARTS) ready.relay.add(part)
      ready.grace = true
      ready.charge = true
      wrong = await untilRest([], 0)
      seen = wrong ?? (await lookAtAll())
    }
    return { scenario, history, findings: seen.findings, evidence: seen.evidence }
  } finally {
    await shop.tidy()
  }
}

/** In an order that does not depend on the ids, so that a seed does the same again. */
function sorted(pending: readonly Pending[], shop: SimulatedShop): Pending[] {
  const number = (key: string | undefined) =>
    [...Array(10).keys()].find((one) => shop.orderIdOf(one) === key) ?? shop.productIds.indexOf(key ?? '') + 10
  return [...pending].sort(
    (a, b) => a.record.topic.localeCompare(b.record.topic) || number(a.record.key) - number(b.record.key),
  )
}

function draw(choices: readonly Choice[], chance: Chance): Choice {
  return chance.weighted(choices.map((choice) => [choice, choice.weight] as const))
}

async function add(one: Spice, shop: SimulatedShop, cancelled: Set<number>): Promise<void> {
  switch (one.kind) {
    case 'cancel':
      if (await shop.command(one.order, { type: 'Cancel', reason: 'CUSTOMER', actorRole: 'customer' }))
        cancelled.add(one.order)
      return
    case 'ship':
      await shop.command(one.order, { type: 'Ship', carrier: null, trackingNumber: null })
      return
    case 'redrive':
      await shop.redrive(one.order)
      return
    case 'crash':
      return shop.streams[one.part].crash()
    case 'amnesia':
      await shop.forgetInbox(one.part)
      return shop.streams[one.part].crash()
    case 'rollback':
      return shop.streams[one.part].failNext()
    case 'unmarked':
    case 'unanswered':
      await shop.streams[one.part].relay(one.kind)
      return
    case 'silent-bank':
      shop.bank.silent = true
      return
    case 'loss': {
      const [next] = sorted(shop.streams[one.part].pending(), shop)
      if (next) shop.streams[one.part].lose(next)
      return
    }
    case 'reminders':
      return shop.remind()
  }
}
