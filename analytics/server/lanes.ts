import { cancelled, tooBusy } from './errors.ts'

/** A cap on what runs at the same time, and on what one asker has of it. */
export interface Lane {
  readonly running: number
  /**
   * Runs the work when there is room: in order of arrival, but past those whose own share is used up.
   * @throws ServerError `TOO_MANY_SIMULTANEOUS_QUERIES` at once when too many wait already, or after having waited too long;
   * `QUERY_WAS_CANCELLED` when the signal aborts while waiting
   */
  run<T>(asker: string, work: () => Promise<T>, signal: AbortSignal): Promise<T>
}

export interface LaneLimits {
  readonly atOnce: number
  /** Of those, for one asker. */
  readonly perAsker: number
  readonly waiting: number
  /** The longest anyone waits. Milliseconds. */
  readonly waitMs: number
}

interface Waiter {
  readonly asker: string
  admit(): void
}

export function createLane(name: string, { atOnce, perAsker, waiting, waitMs }: LaneLimits): Lane {
  let running = 0
  const shares = new Map<string, number>()
  const queue: Waiter[] = []
  const fits = (asker: string) => running < atOnce && (shares.get(asker) ?? 0) < perAsker

  function take(asker: string) {
    running++
    shares.set(asker, (shares.get(asker) ?? 0) + 1)
  }

  function giveBack(asker: string) {
    running--
    const left = (shares.get(asker) ?? 1) - 1
    if (left > 0) shares.set(asker, left)
    else shares.delete(asker)
    for (let at = 0; at < queue.length; ) {
      const next = queue[at] as Waiter
      if (!fits(next.asker)) {
        at++
        continue
      }
      queue.splice(at, 1)
      take(next.asker)
      next.admit()
    }
  }

  async function enter(asker: string, signal: AbortSignal) {
    if (signal.aborted) throw cancelled()
    if (fits(asker)) return take(asker)
    if (queue.length >= waiting)
      throw tooBusy(`${running} ${name} run and ${queue.length} wait already. Try again in a moment.`)
    await new Promise<void>((resolve, reject) => {
      const waiter: Waiter = {
        asker,
        admit() {
          clearTimeout(timer)
          signal.removeEventListener('abort', leave)
          resolve()
        },
      }
      function giveUp(reason: Error) {
        clearTimeout(timer)
        signal.removeEventListener('abort', leave)
        queue.splice(queue.indexOf(waiter), 1)
        reject(reason)
      }
      const leave = () => giveUp(cancelled())
      const timer = setTimeout(
        () => giveUp(tooBusy(`no place among the ${atOnce} ${name} (${perAsker} of each asker) in ${waitMs / 1000} s`)),
        waitMs,
      )
      queue.push(waiter)
      signal.addEventListener('abort', leave, { once: true })
    })
  }

  return {
    get running() {
      return running
    },
    async run(asker, work, signal) {
      await enter(asker, signal)
      try {
        return await work()
      } finally {
        giveBack(asker)
      }
    },
  }
}
