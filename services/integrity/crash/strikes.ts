import type { Chance } from '#pipelines/kernel/chance.ts'
import { ACTIONS, type Action, type Point } from '#pipelines/kernel/failpoint.ts'
import type { Strike } from './strike.ts'

const OF_A_SERVICE: readonly Point[] = [
  'transaction.begin',
  'transaction.commit.before',
  'transaction.commit.after',
  'inbox.claim.before',
  'inbox.claim.after',
  'handler.state.after',
  'outbox.insert.after',
  'relay.read.before',
  'relay.read.after',
  'relay.produce.before',
  'relay.produce.after',
  'relay.mark.before',
  'relay.mark.after',
  'offsets.commit.before',
  'offsets.commit.after',
]

/** Points that a running shop passes at a start, with poison or with partitioned tables only: `analytics/ingest/kills` strikes them. */
export const OF_THE_INGEST_ALONE: readonly Point[] = [
  'ingest.positions.after',
  'ingest.fetched.after',
  'ingest.decoded.after',
  'ingest.dead.before',
  'ingest.dead.after',
  'ingest.position.before',
  'ingest.position.after',
  'ingest.told.before',
  'ingest.told.after',
]

/** Which points each part passes while customers shop. With those of the ingest alone they are every point there is. */
export const PASSED_BY: Readonly<Record<string, readonly Point[]>> = {
  basket: OF_A_SERVICE,
  catalog: OF_A_SERVICE,
  ordering: OF_A_SERVICE,
  payment: [...OF_A_SERVICE, 'charge.call.before', 'charge.call.after'],
  // The process of a run: of the grace period, as nothing else is scheduled.
  'task-run': ['transaction.begin', 'transaction.commit.before', 'transaction.commit.after', 'outbox.insert.after'],
  analytics: ['ingest.orders.before', 'ingest.orders.after', 'ingest.events.before', 'ingest.events.after'],
}

/** Which points the scheduler and the processes of its runs pass, whatever the customers do. */
export const PASSED_BY_TASKS: Readonly<Record<string, readonly Point[]>> = {
  tasks: [
    'transaction.begin',
    'transaction.commit.before',
    'transaction.commit.after',
    'outbox.insert.after',
    'relay.read.before',
    'relay.read.after',
    'relay.produce.before',
    'relay.produce.after',
    'relay.mark.before',
    'relay.mark.after',
    'schedule.fire.before',
    'schedule.fire.after',
    'execution.claim.before',
    'execution.claim.after',
    'execution.launch.before',
    'execution.launch.after',
    'execution.settle.before',
    'changes.take.after',
  ],
  'task-run': [
    'execution.take.before',
    'execution.take.after',
    'execution.beat.before',
    'execution.beat.after',
    'execution.end.before',
    'execution.end.after',
  ],
}

const HANG_MS = 3_000

/** Every action at every point of every part, in an order and at passings that the seed draws. */
export function everyStrike(
  chance: Chance,
  actions: readonly Action[] = ACTIONS,
  passedBy: Readonly<Record<string, readonly Point[]>> = PASSED_BY,
): readonly Strike[] {
  const strikes = Object.entries(passedBy).flatMap(([part, points]) =>
    points.flatMap((point) => actions.map((action) => ({ part, point, action }))),
  )
  return shuffled(strikes, chance).map((strike) => ({
    ...strike,
    nth: strike.part === 'task-run' ? 1 : chance.between(1, 4), // a task's process does little, and ends
    forMs: HANG_MS,
  }))
}

/** So many kills, evenly over the parts. */
export function someKills(count: number, chance: Chance): readonly Strike[] {
  const kills = everyStrike(chance, ['kill'])
  const lanes = [...Map.groupBy(kills, ({ part }) => part).values()]
  return Array.from(
    { length: count },
    (_, number) => lanes[number % lanes.length]?.[Math.floor(number / lanes.length)],
  ).filter((strike) => strike !== undefined)
}

function shuffled<T>(items: readonly T[], chance: Chance): T[] {
  return items
    .map((item) => ({ item, at: chance.next() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item)
}
