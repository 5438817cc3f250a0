import { faultOf, unfinished } from './invariants.ts'
import { isAtRest, type Move, movesOf, remindersOf } from './moves.ts'
import { nameOf, type World } from './world.ts'

export interface Exploration {
  readonly states: number
  readonly moves: number
  /** Worlds in which nothing more happens by itself, by how they ended. */
  readonly ends: Readonly<Record<string, number>>
  /** The longest way from the checkout, in moves. */
  readonly depth: number
  /** The shortest way to a world that must not be. */
  readonly fault: Fault | undefined
}

export interface Fault {
  readonly says: string
  /** Every move from the checkout on. */
  readonly history: readonly string[]
}

interface Seen {
  readonly world: World
  readonly from: number
  readonly by: string
  readonly depth: number
}

/**
 * Goes every way from the first world, breadth first, and looks at the invariants after every move; at rest, whether all has come to its
 * end, if need be after those that miss something have said so. The first fault found is one with the fewest moves.
 */
export function explore(first: World): Exploration {
  const seen: Seen[] = [{ world: first, from: -1, by: 'the checkout is accepted', depth: 0 }]
  const names = new Set([nameOf(first)])
  const ends = new Map<string, number>()
  let moves = 0
  const done = (fault?: Fault): Exploration => ({
    states: seen.length,
    moves,
    ends: Object.fromEntries([...ends].sort()),
    depth: seen.at(-1)?.depth ?? 0,
    fault,
  })
  for (let index = 0; index < seen.length; index++) {
    const { world, depth } = seen[index] as Seen
    if (isAtRest(world)) {
      const said = endOf(world)
      if (said.wrong !== undefined)
        return done({ says: said.wrong, history: [...historyOf(seen, index), ...said.history] })
      ends.set(said.end, (ends.get(said.end) ?? 0) + 1)
    }
    for (const move of movesOf(world)) {
      moves += 1
      const wrong = wrongIn(move)
      if (wrong !== undefined) return done({ says: wrong, history: [...historyOf(seen, index), move.name] })
      const next = (move.after as { world: World }).world
      const name = nameOf(next)
      if (names.has(name)) continue
      names.add(name)
      seen.push({ world: next, from: index, by: move.name, depth: depth + 1 })
    }
  }
  return done()
}

function wrongIn({ after }: Move): string | undefined {
  return 'wrong' in after ? after.wrong : faultOf(after.world)
}

const MOST_ROUNDS = 20

/** Lets everybody who misses something say so, and all run to its end, until nobody does: then all must be finished. */
function endOf(
  atRest: World,
): { end: string; wrong?: undefined; history: readonly string[] } | { wrong: string; history: readonly string[] } {
  let world = {
    ...atRest,
    left: { ...atRest.left, rewinds: 0, losses: 0, lostCalls: 0, reminders: 0, cancels: 0, ships: 0 },
  }
  const history: string[] = []
  for (let round = 0; round < MOST_ROUNDS; round++) {
    if (unfinished(world) === undefined)
      return { end: `${world.order?.status}, payment ${world.payment?.status ?? 'none'}`, history }
    const reminder = remindersOf(world)[0]
    if (!reminder) break
    for (let next: Move | undefined = reminder; next; next = isAtRest(world) ? undefined : movesOf(world)[0]) {
      history.push(next.name)
      const wrong = wrongIn(next)
      if (wrong !== undefined) return { wrong, history }
      world = (next.after as { world: typeof world }).world
    }
  }
  return { wrong: unfinished(world) ?? 'stuck: those that remind never come to an end', history }
}

function historyOf(seen: readonly Seen[], index: number): string[] {
  const history: string[] = []
  for (let at = index; at >= 0; at = seen[at]?.from ?? -1) history.push(seen[at]?.by ?? '')
  return history.reverse()
}
