export interface PatienceOptions {
  /** How long at most is waited in one go, in milliseconds. Default 3 000. */
  readonly mostMs?: number
  /** The part of all time that may be waited in the long run. Default 0.1. */
  readonly share?: number
  readonly now?: () => number
}

/** Time that may be spent on waiting for what may never come, without standing still for good. */
export interface Patience {
  /** Takes so many milliseconds, or what is left of them. 0 when it is used up. */
  take(ms: number): number
}

export function createPatience({
  mostMs = 3_000,
  share = 0.1,
  now = () => performance.now(),
}: PatienceOptions = {}): Patience {
  let left = mostMs
  let at = now()
  return {
    take(ms) {
      const time = now()
      left = Math.min(mostMs, left + (time - at) * share)
      at = time
      if (left < mostMs / 10) return 0 // a little at a time would be a question for each record
      const taken = Math.min(ms, left)
      left -= taken
      return taken
    },
  }
}
