import { CodedError, messageOf } from '#pipelines/kernel/errors.ts'
import { backoffMs, type Closable, pause } from '#pipelines/kernel/lifecycle.ts'
import { type Launch, type RunningPart, spawnPart, untilReady } from '../process/launch.ts'
import type { PartPlan } from './plan.ts'

export interface SupervisedPart extends Closable {
  readonly running: RunningPart
  readonly restarts: number
  readonly since: Date
}

export interface PartEvents {
  /** A process was started; it may not serve yet. */
  spawned(part: SupervisedPart): void
  died(name: string, why: string, restartInMs: number): void
  /** It serves again after it died. */
  recovered(name: string): void
}

/** How long a part has to serve after a start, in milliseconds. */
const READY_WITHIN_MS = 120_000
/** A part that ran this long is healthy: its next death starts again with the shortest wait. */
const HEALTHY_AFTER_MS = 30_000

/**
 * Starts a part, waits until it serves, and starts it again whenever it dies, after 0.5 s, then longer, at most 10 s.
 * @throws CodedError `PART_FAILED` when the first start fails: then nothing of it runs
 */
export async function supervise(plan: PartPlan, events: PartEvents, signal: AbortSignal): Promise<SupervisedPart> {
  let closed = false
  let restarts = 0
  let current = await begin(plan)
  const supervised: SupervisedPart = {
    get running() {
      return current.part
    },
    get restarts() {
      return restarts
    },
    get since() {
      return current.since
    },
    async close() {
      closed = true
      await current.part.close()
    },
  }

  async function keepAlive() {
    for (let deaths = 1; ; deaths++) {
      const exit = await current.part.exited
      if (closed) return
      if (Date.now() - current.since.getTime() > HEALTHY_AFTER_MS) deaths = 1
      const waitMs = backoffMs(deaths, { baseMs: 1_000 })
      events.died(plan.name, exit.signal ?? `exit code ${exit.code}`, waitMs)
      await pause(waitMs, signal)
      if (closed) return
      await restart().catch((error: unknown) => events.died(plan.name, messageOf(error), waitMs))
    }
  }

  async function restart() {
    current = await begin(plan)
    restarts++
    events.spawned(supervised)
    if (closed) return await current.part.close()
    if ((await untilReady(current.launch, current.part, READY_WITHIN_MS)) === undefined) events.recovered(plan.name)
  }

  events.spawned(supervised)
  const { launch, part } = current
  if (signal.aborted) await supervised.close() // whoever stops the stack may have passed us by
  const failure = await untilReady(launch, part, READY_WITHIN_MS)
  if (failure !== undefined || closed) {
    await supervised.close()
    const why = `${plan.name} ${failure ?? 'was stopped'}\n${part.lastWords()}`
    throw new CodedError('PART_FAILED', why, { facts: { part: plan.name } })
  }
  void keepAlive()
  return supervised
}

interface Started {
  readonly launch: Launch
  readonly part: RunningPart
  readonly since: Date
}

async function begin(plan: PartPlan): Promise<Started> {
  const launch = await plan.launch()
  return { launch, part: await spawnPart(launch), since: new Date() }
}
