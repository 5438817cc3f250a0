import type { Database } from '#pipelines/kernel/database.ts'
import type { Closable } from '#pipelines/kernel/lifecycle.ts'
import type { Log } from '#pipelines/kernel/log.ts'
import { recordHeartbeat } from './executions/store.ts'

export interface HeartbeatOptions {
  readonly database: Database
  readonly executionId: string
  readonly everyMs: number
  readonly log: Log
  /** Called once, when others take the run for LOST or soon will. */
  readonly onLost: () => void
}

/** Gives signs of life until closed. Two in a row that could not be given mean that others see the run as LOST. */
export function startHeartbeat({ database, executionId, everyMs, log, onLost }: HeartbeatOptions): Closable {
  let lastMs = performance.now()
  let beating = false
  let closed = false
  const stop = () => {
    closed = true
    clearInterval(timer)
  }
  const lost = (reason: string) => {
    if (closed) return
    stop()
    log.error({ executionId, reason }, 'this run is taken for lost')
    onLost()
  }
  async function beat() {
    if (performance.now() - lastMs >= 2 * everyMs) return lost('no heartbeat could be written in time')
    if (beating) return
    beating = true
    const sentMs = performance.now()
    try {
      if (await recordHeartbeat(database, executionId)) lastMs = sentMs
      else lost('it is marked LOST')
    } catch (error) {
      log.warn({ err: error, executionId }, 'a heartbeat could not be written')
    } finally {
      beating = false
    }
  }
  const timer = setInterval(() => void beat(), everyMs)
  timer.unref()
  return {
    async close() {
      stop()
    },
  }
}
