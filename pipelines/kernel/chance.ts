/** A seeded source of chance (mulberry32): the same seed draws the same. */
export interface Chance {
  /** In [0, 1). */
  next(): number
  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number
  pick<T>(items: readonly T[]): T
  shuffled<T>(items: readonly T[]): T[]
  /** An item by weight. */
  weighted<T>(items: readonly (readonly [T, number])[]): T
  /** A source of its own, for one customer say, independent of how often others drew. */
  fork(salt: number): Chance
}

export function seeded(seed: number): Chance {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const between = (low: number, high: number) => low + Math.floor(next() * (high - low + 1))
  return {
    next,
    between,
    pick: (items) => items[between(0, items.length - 1)] as (typeof items)[number],
    shuffled: (items) =>
      items
        .map((item) => ({ item, at: next() }))
        .sort((a, b) => a.at - b.at)
        .map(({ item }) => item),
    weighted: (items) => {
      let draw = next() * items.reduce((sum, [, weight]) => sum + weight, 0)
      for (const [item, weight] of items) {
        draw -= weight
        if (draw < 0) return item
      }
      return (items.at(-1) as (typeof items)[number])[0]
    },
    fork: (salt) => seeded(Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(salt + 1, 0xc2b2ae35)),
  }
}

/** `SEED` of the environment, or one that was not drawn before. */
export function seedOfRun(): number {
  return Number(process.env.SEED) || Math.floor(Math.random() * 2 ** 31)
}
