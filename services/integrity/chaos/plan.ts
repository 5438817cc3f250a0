import type { Chance } from '#pipelines/kernel/chance.ts'

/**
 * Vocabulary. A *fault* is one thing done to one *victim*, a part of the shop: `kill` (SIGKILL), `restart` (asked to end, then started
 * anew), `freeze` (stopped and continued: connections to it hang), `hang` (its database sessions stop answering), `cut` (its database
 * sessions are ended), `lock` (a table of its is locked by a stranger).
 */
export type FaultKind = 'kill' | 'restart' | 'freeze' | 'hang' | 'cut' | 'lock'

export interface Fault {
  /** From the start of the traffic, in milliseconds. */
  readonly atMs: number
  readonly kind: FaultKind
  readonly victim: string
  /** How long a freeze, hang or lock lasts, in milliseconds; 0 for what is over at once. */
  readonly forMs: number
}

/** Services with a database of their own: whose sessions can hang, be cut, and whose tables can be locked. */
export const WITH_DATABASE: readonly string[] = ['basket', 'catalog', 'ordering', 'payment']

const CALM_MS = 3_000
const KINDS = [
  ['kill', 45],
  ['freeze', 20],
  ['restart', 12],
  ['cut', 8],
  ['hang', 8],
  ['lock', 7],
] as const

/** Stores are hit as often as services: they are fewer, and what they carry is more. */
const WEIGHTS: Readonly<Record<string, number>> = { kafka: 2, postgres: 2, clickhouse: 1, registry: 1, identity: 0.5 }

/**
 * What will be done to whom, and when: the same seed, parts and duration give the same plan. Faults come every few seconds, one in four
 * right upon another; all are over before the traffic ends.
 */
export function planOf(parts: readonly string[], durationMs: number, chance: Chance): readonly Fault[] {
  const names = [...parts].sort()
  const faults: Fault[] = []
  const endMs = durationMs - CALM_MS
  let last: string | undefined
  for (let atMs = CALM_MS; atMs < endMs; ) {
    const drawn = draw(names, last, atMs, chance)
    faults.push({ ...drawn, forMs: Math.min(drawn.forMs, endMs - atMs) })
    last = drawn.victim
    atMs += chance.next() < 0.25 ? chance.between(100, 800) : chance.between(2_000, 6_000)
  }
  return faults
}

function draw(names: readonly string[], last: string | undefined, atMs: number, chance: Chance): Fault {
  const kind = chance.weighted(KINDS)
  const needsDatabase = kind === 'hang' || kind === 'cut' || kind === 'lock'
  const able = names.filter((name) => name !== last && (!needsDatabase || WITH_DATABASE.includes(name)))
  const victim = chance.weighted(able.map((name) => [name, WEIGHTS[name] ?? 1] as const))
  const forMs =
    kind === 'freeze' || kind === 'hang'
      ? chance.between(1_000, 12_000)
      : kind === 'lock'
        ? chance.between(1_000, 6_000)
        : 0
  return { atMs, kind, victim, forMs }
}
