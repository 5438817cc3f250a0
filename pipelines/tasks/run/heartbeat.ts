import type { Database } from '#pipelines/kernel/database.ts'
import { CodedError } from '#pipelines/kernel/errors.ts'
import { failpoints } from '#pipelines/kernel/failpoint.ts'
import type { Closable } from '#pipelines/kernel/lifecycle.ts'
import type { Log } from '#pipelines/kernel/log.ts'
import type { Progress } from '../executions/execution.ts'
import { recordHeartbeat } from '../executions/store.ts'

export interface HeartbeatOptions {
  readonly database: Database
  readonly executionId: string
  readonly everyMs: number
  readonly log: Log
  /** What there is to say with the next heartbeat. */
  readonly progress: () => Progress | undefined
  /** Done with each heartbeat, such as writing the output down. Its failure is not the heartbeat's. */
  readonly alongside: () => Promise<void>
  /** Called once, when others take the run for LOST or soon will. */
  readonly onLost: () => void
  readonly onCancelled: () => void
}

export interface Heartbeat extends Closable {
  /** Whether the lease surely holds at this moment: others wait longer than this before they take the run for lost. */
  held(): boolean
}

/**
 * Gives signs of life until closed. Two in a row that could not be given mean that others see the run as LOST. Time is measured
 * without a wall clock, from before a heartbeat was sent: a process that was stopped for long knows it at once when it goes on, also
 * before its timers run.
 */
export function startHeartbeat(options: HeartbeatOptions): Heartbeat {
  const { database, executionId, everyMs, log, progress, alongside, onLost, onCancelled } = options
  let lastMs = performance.now()
  let beating = false
  let closed = false
  let isLost = false
  const isLate = () => performance.now() - lastMs >= 2 * everyMs
  const stop = () => {
    closed = true
    clearInterval(timer)
  }
  const lost = (reason: string) => {
    if (closed) return
    stop()
    isLost = true
    log.error({ executionId, reason }, 'this run is taken for lost')
    onLost()
  }
  async function beat() {
    if (isLate()) return lost('no heartbeat could be written in time')
    if (beating) return
    beating = true
    const sentMs = performance.now()
    try {
      if (failpoints) await failpoints.at('execution.beat.before')
      const answer = await recordHeartbeat(database, executionId, progress())
      if (failpoints) await failpoints.at('execution.beat.after')
      if (answer) {
        lastMs = sentMs
        if (answer.cancelledBy !== null && !closed) onCancelled()
      } else lost('it is marked LOST')
      await alongside()
    } catch (error) {
      log.warn({ err: error, executionId }, 'a heartbeat could not be written')
    } finally {
      beating = false
    }
  }
  const timer = setInterval(() => void beat(), everyMs)
  timer.unref()
  return {
    held: () => !isLost && !isLate(),
    async close() {
      stop()
    },
  }
}

export function leaseLost(): CodedError {
  return new CodedError('LEASE_LOST', 'this run is taken for lost, and another may be under way: it must not write')
}
