import { hostname } from 'node:os'
import { MINUTE, SECOND } from '#pipelines/kernel/clock.ts'
import type { Database } from '#pipelines/kernel/database.ts'
import { pause } from '#pipelines/kernel/lifecycle.ts'
import type { Log } from '#pipelines/kernel/log.ts'
import { kickable, type Loop } from '#pipelines/kernel/loop.ts'
import type { Outbox } from '#pipelines/outbox/types.ts'
import type { Catalog } from '../catalog.ts'
import { type ExecutionChange, moveChanges } from '../executions/changes.ts'
import { pruneExecutions } from '../executions/prune.ts'
import type { LaunchedRun } from '../launch/launched-run.ts'
import { createWatch } from './watch.ts'

type Kickable = Loop & { kick(): void }

const GATHER_MS = 150

/** Publishes what changed: moves it to the outbox, whose relay sends it. Gathers a little, as a short run changes twice at once. */
export function publishing(
  database: Database,
  outbox: Outbox<'tasks'>,
  onMoved: (changes: readonly ExecutionChange[]) => void,
): Kickable {
  return kickable({
    name: 'publish-changes',
    everyMs: 5 * SECOND,
    async run(signal) {
      await pause(GATHER_MS, signal)
      for (
        let moved = await moveChanges(database, outbox);
        moved.length > 0;
        moved = await moveChanges(database, outbox)
      )
        onMoved(moved)
    },
  })
}

const LOOK_MS = SECOND
const LOOK_IDLE_MS = 5 * SECOND

/** Finds LOST runs. Looks every second while something runs; a kick says that something may have begun. */
export function watching(database: Database, runs: ReadonlyMap<string, LaunchedRun>, log: Log): Kickable {
  const watch = createWatch(database)
  let nextMs = 0
  const loop = kickable({
    name: 'watch',
    everyMs: LOOK_MS,
    async run() {
      if (performance.now() < nextMs) return
      const { lost, running } = await watch.look()
      if (running === 0) nextMs = performance.now() + LOOK_IDLE_MS - LOOK_MS
      for (const executionId of lost) {
        log.warn({ executionId }, 'a run is lost')
        runs.get(executionId)?.kill() // it hangs: when it wakes it must not go on
      }
    },
  })
  return {
    ...loop,
    kick() {
      nextMs = 0
    },
  }
}

/** Stops runs of this scheduler whose end was asked for. */
export function cancelling(database: Database, runs: ReadonlyMap<string, LaunchedRun>): Kickable {
  return kickable({
    name: 'cancel',
    everyMs: 5 * SECOND,
    async run() {
      if (runs.size === 0) return
      const wanted = await database.query<{ id: string }>(
        `select execution_id as id from executions where execution_id = any($1) and status = 'RUNNING' and cancel_requested_at is not null`,
        [[...runs.keys()]],
      )
      for (const { id } of wanted) runs.get(id)?.stop()
    },
  })
}

/** Says that this scheduler is alive, and forgets those that have not been seen for an hour. */
export function beingAlive(database: Database, schedulerId: string): Loop {
  return {
    name: 'alive',
    everyMs: 5 * SECOND,
    async run() {
      await database.query(
        `with gone as (delete from schedulers where seen_at < tasks_now() - interval '1 hour' and scheduler_id <> $1)
         insert into schedulers (scheduler_id, host, pid, started_at, seen_at) values ($1, $2, $3, tasks_now(), tasks_now())
         on conflict (scheduler_id) do update set seen_at = excluded.seen_at`,
        [schedulerId, hostname(), process.pid],
      )
    },
  }
}

const PRUNED_AT_ONCE = 500

/** Deletes executions beyond their task's retention. */
export function pruning(database: Database, catalog: Catalog): Loop {
  return {
    name: 'prune-executions',
    everyMs: MINUTE,
    async run(signal) {
      for (const taskName of catalog.names) {
        const retention = catalog.policyOf(taskName)?.retention ?? {}
        let deleted = PRUNED_AT_ONCE
        while (!signal.aborted && deleted === PRUNED_AT_ONCE)
          deleted = await pruneExecutions(database, { taskName, ...retention, limit: PRUNED_AT_ONCE })
      }
      await pruneExecutions(database, { limit: PRUNED_AT_ONCE }) // of tasks that are no more
    },
  }
}
