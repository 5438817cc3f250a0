import type { Database } from '#pipelines/kernel/database.ts'
import { failpoints } from '#pipelines/kernel/failpoint.ts'
import { type Closable, pause } from '#pipelines/kernel/lifecycle.ts'
import type { Log } from '#pipelines/kernel/log.ts'
import { kickable, type Loop } from '#pipelines/kernel/loop.ts'
import type { Catalog } from '../catalog.ts'
import type { Claimed, LaunchedRun } from '../launch/launched-run.ts'
import { fireDue } from '../schedules/fire.ts'
import { type Capacity, claimQueued, nextInMs } from './claim.ts'

/** Starts the process of what is claimed. */
export type Launcher = (claimed: Claimed) => LaunchedRun

export interface DispatcherOptions {
  readonly database: Database
  readonly catalog: Catalog
  readonly launch: Launcher
  /** Names this scheduler in the claims. */
  readonly claimant: string
  /** Runs at once over all schedulers. */
  readonly maxRunning: number
  readonly log: Log
  readonly onFired?: (schedules: number, missed: number) => void
}

export interface Dispatcher extends Closable {
  readonly loop: Loop & { kick(): void }
  /** The runs whose processes this scheduler has started and that have not ended. */
  readonly runs: ReadonlyMap<string, LaunchedRun>
  /** When the last round ended well, by a clock that never jumps. */
  lastRoundMs(): number | undefined
  /** Starts nothing more, gives the runs this long to end, then stops them. */
  drain(withinMs: number): Promise<void>
}

/** A look at least this often: what hurries may be missed, and the database's clock may jump. */
const LOOK_EVERY_MS = 2_000
/** Timers may come a little early. */
const ROUNDING_MS = 1

/**
 * Fires due times and starts what waits, as far as there is room. It sleeps until the next of both, or until it is kicked.
 */
export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { database, catalog, launch, claimant, maxRunning, log, onFired = () => {} } = options
  const runs = new Map<string, LaunchedRun>()
  const capacity: Capacity = { ...capacityOf(catalog, maxRunning), started: () => runs.keys() }
  let draining = false
  let timer: NodeJS.Timeout | undefined
  let lastRoundMs: number | undefined

  async function round(): Promise<void> {
    clearTimeout(timer)
    if (draining) return
    let next = await nextInMs(database, claimant, capacity)
    for (let turns = 0; next !== undefined && next <= 0 && !draining && turns < MOST_TURNS; turns++) {
      const { fired, missed, schedules } = await fireDue(database, catalog.policyOf)
      if (schedules > 0) onFired(fired, missed)
      const claimed = draining ? [] : await claimQueued(database, claimant, capacity)
      for (const one of claimed) {
        if (failpoints) await failpoints.at('execution.launch.before')
        start(one)
        if (failpoints) await failpoints.at('execution.launch.after')
      }
      if (schedules === 0 && claimed.length === 0) {
        next = undefined // what waits has no room: the end of a run, or a look in two seconds, goes on
        break
      }
      next = await nextInMs(database, claimant, capacity)
    }
    if (next !== undefined && next < LOOK_EVERY_MS)
      timer = setTimeout(() => loop.kick(), Math.max(0, next) + ROUNDING_MS)
    lastRoundMs = performance.now()
  }

  function start(claimed: Claimed): void {
    const run = launch(claimed)
    runs.set(claimed.executionId, run)
    log.debug({ executionId: claimed.executionId, task: claimed.taskName, pid: run.pid }, 'a run is started')
    void run.ended.then(() => {
      runs.delete(claimed.executionId)
      loop.kick() // its place is free
    })
  }

  const loop = kickable({ name: 'dispatch', everyMs: LOOK_EVERY_MS, run: round })
  async function drain(withinMs: number): Promise<void> {
    draining = true
    clearTimeout(timer)
    const all = Promise.all([...runs.values()].map((run) => run.ended))
    await Promise.race([all, pause(withinMs)])
    await Promise.all([...runs.values()].map((run) => run.close()))
  }
  return { loop, runs, lastRoundMs: () => lastRoundMs, drain, close: () => drain(0) }
}

/** Rounds without a rest, so that a burst is dealt with at once and the loop still ends when told to. */
const MOST_TURNS = 100

function capacityOf(catalog: Catalog, total: number): Capacity {
  const policies = catalog.names.flatMap((name) => {
    const policy = catalog.policyOf(name)
    return policy ? [[name, policy] as const] : []
  })
  return {
    total,
    perTask: new Map(
      policies.flatMap(([name, { maxParallel }]) => (maxParallel === null ? [] : [[name, maxParallel] as const])),
    ),
    oneByOne: new Set(policies.flatMap(([name, { singleInstance }]) => (singleInstance === 'queue' ? [name] : []))),
  }
}
