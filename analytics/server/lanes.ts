import { cancelled, tooBusy } from './errors.ts'

/** A cap on what runs at the same time. */
export interface Lane {
  readonly running: number
  /**
   * Runs the work when there is room, in order of arrival.
   * @throws ServerError `TOO_MANY_SIMULTANEOUS_QUERIES` at once when too many wait already; `QUERY_WAS_CANCELLED` when the signal aborts while waiting
   */
  run<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T>
}

export function createLane(name: string, { atOnce, waiting }: { atOnce: number; waiting: number }): Lane {
  let running = 0
  const queue: (() => void)[] = []

  async function enter(signal: AbortSignal) {
    if (signal.aborted) throw cancelled()
    if (running < atOnce) {
      running++
      return
    }
    if (queue.length >= waiting)
      throw tooBusy(`${atOnce} ${name} run and ${waiting} wait already. Try again in a moment.`)
    await new Promise<void>((resolve, reject) => {
      const admit = () => {
        signal.removeEventListener('abort', leave)
        resolve()
      }
      const leave = () => {
        queue.splice(queue.indexOf(admit), 1)
        reject(cancelled())
      }
      queue.push(admit)
      signal.addEventListener('abort', leave, { once: true })
    })
  }

  /** The place is handed over, not freed, so that nobody jumps the queue. */
  function exit() {
    const next = queue.shift()
    if (next) next()
    else running--
  }

  return {
    get running() {
      return running
    },
    async run(work, signal) {
      await enter(signal)
      try {
        return await work()
      } finally {
        exit()
      }
    },
  }
}
