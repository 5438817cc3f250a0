import type { Clock } from '#pipelines/kernel/clock.ts'

export interface FakeClock extends Clock {
  /** Moves the time on by this many milliseconds. */
  advance(ms: number): void
  set(ms: number): void
}

/** A clock that stands still until it is told otherwise. */
export function fakeClock(startMs = Date.UTC(2026, 0, 1)): FakeClock {
  let time = startMs
  return {
    now: () => time,
    advance(ms) {
      time += ms
    },
    set(ms) {
      time = ms
    },
  }
}
