import { SECOND } from './clock.ts'
import { messageOf, Unavailable } from './errors.ts'
import { backoffMs, type Closable, pause } from './lifecycle.ts'
import type { Log } from './log.ts'

/** Background work of a service that is done again and again. Several instances of the service run it at once. */
export interface Loop {
  readonly name: string
  /** Time between the end of one run and the start of the next. Milliseconds. */
  readonly everyMs: number
  /** One round. It never overlaps itself; it stops early when the signal aborts. */
  run(signal: AbortSignal): Promise<void>
  /** Is given, at the start, the function that makes the next round begin at once. */
  attach?(kick: () => void): void
}

/** A loop that can be hurried. A kick while it runs makes it run once more; one before the start is not lost, as a start runs at once. */
export function kickable(loop: Omit<Loop, 'attach'>): Loop & { kick(): void } {
  let wake = () => {}
  return {
    name: loop.name,
    everyMs: loop.everyMs,
    run: (signal) => loop.run(signal),
    attach: (kick) => {
      wake = kick
    },
    kick: () => wake(),
  }
}

const MOST_WAIT_MS = 30 * SECOND

/**
 * Runs a loop until it is closed. A round that fails is logged and tried again after a growing wait, so an outage neither ends the
 * loop nor fills the log. `close` aborts the signal and waits for the round in hand.
 */
export function startLoop(loop: Loop, log: Log): Closable & { kick(): void } {
  const stop = new AbortController()
  let kicked = false
  let wake = new AbortController()
  let failures = 0

  const kick = () => {
    kicked = true
    wake.abort()
  }

  async function round(): Promise<void> {
    try {
      await loop.run(stop.signal)
      failures = 0
    } catch (error) {
      failures++
      if (stop.signal.aborted) return
      const facts = { loop: loop.name, failures }
      if (error instanceof Unavailable)
        log.warn({ ...facts, reason: messageOf(error) }, 'a loop waits for what is away')
      else log.error({ ...facts, err: error }, 'a round of a loop failed')
    }
  }

  async function runAll(): Promise<void> {
    while (!stop.signal.aborted) {
      kicked = false
      wake = new AbortController()
      await round()
      if (failures > 0) {
        // A kick does not shorten this wait: during an outage kicks come with every request.
        await pause(waitAfterFailures(failures, loop.everyMs), stop.signal)
      } else if (!kicked) {
        await pause(loop.everyMs, wake.signal)
      }
    }
  }

  loop.attach?.(kick)
  const ended = runAll()
  return {
    kick,
    async close() {
      stop.abort()
      wake.abort()
      await ended
    },
  }
}

/**
 * Never sooner than a round that went well, and growing to half a minute. What is done once an hour or a day, such as making the
 * schedules of a program, cannot wait for its next time: until then the work would not be done at all.
 */
function waitAfterFailures(failures: number, everyMs: number): number {
  const growing = backoffMs(failures, { capMs: MOST_WAIT_MS })
  return everyMs > MOST_WAIT_MS ? growing : Math.max(everyMs, growing)
}
