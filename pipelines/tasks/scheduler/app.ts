import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import type { Outside } from '#pipelines/http/outside.ts'
import { type HttpPlace, type Service, service } from '#pipelines/http/service.ts'
import { SECOND } from '#pipelines/kernel/clock.ts'
import { Unavailable } from '#pipelines/kernel/errors.ts'
import type { Closable } from '#pipelines/kernel/lifecycle.ts'
import type { Loop } from '#pipelines/kernel/loop.ts'
import type { Catalog } from '../catalog.ts'
import { type LaunchOptions, launchRun } from '../launch/launched-run.ts'
import { tasksProblemOf } from '../rest/problems.ts'
import { taskRoutes } from '../rest/routes.ts'
import { tasksMigrations } from '../run/program.ts'
import { seedSchedules } from '../schedules/change.ts'
import type { ScheduleInput } from '../schedules/schedule.ts'
import type { SchedulerConfig } from './config.ts'
import { createDispatcher, type Launcher } from './dispatcher.ts'
import { launchHandlers } from './handlers.ts'
import { beingAlive, cancelling, pruning, publishing, watching } from './loops.ts'
import { taskMetrics } from './metrics.ts'
import { listenToTasks, type Notice } from './notifications.ts'
import { tasksPublisher } from './publisher.ts'

export type SchedulerSettings = Pick<SchedulerConfig, 'databaseUrl' | 'maxRunning' | 'niceness' | 'drainSeconds'>

export interface Tasks {
  readonly catalog: Catalog
  /** What the program itself wants to run, and when. */
  readonly schedules: readonly ScheduleInput[]
  /** The program that runs one claimed execution, and its first arguments. */
  readonly program: readonly string[]
  /** What its processes are told. */
  readonly environment: NodeJS.ProcessEnv
  /** Default: {@link Tasks.program}, as a process. */
  readonly launch?: Launcher
}

/** A round of the dispatcher is due every two seconds. */
const STALLED_AFTER_MS = 15 * SECOND

/** The scheduler, wired: what is due or asked for is started as a process, watched, published, and shown. Any number of them may run. */
export function createScheduler(outside: Outside, settings: SchedulerSettings, http: HttpPlace, tasks: Tasks): Service {
  const { database, log, metrics: registry } = outside
  const { catalog } = tasks
  for (const name of catalog.names)
    if (catalog.problemOf(name)) log.error({ task: name, reason: catalog.problemOf(name) }, 'a task cannot be loaded')
  const publisher = tasksPublisher(outside)
  const metrics = taskMetrics(registry, database)
  const { program, environment } = tasks
  const launchOptions: LaunchOptions = { program, environment, niceness: settings.niceness, database, log }
  const claimant = `${hostname()}:${process.pid}:${randomUUID().slice(0, 8)}`
  const dispatcher = createDispatcher({
    database,
    catalog,
    launch: tasks.launch ?? ((claimed) => launchRun(claimed, launchOptions)),
    claimant,
    maxRunning: settings.maxRunning,
    log,
    onFired: metrics.fired,
  })
  const publish = publishing(database, publisher, (changes) => {
    metrics.count(changes)
    publisher.kick()
  })
  const watch = watching(database, dispatcher.runs, log)
  const cancel = cancelling(database, dispatcher.runs)
  const kicks: Record<Notice, readonly Kickable[]> = {
    queued: [dispatcher.loop, publish],
    changed: [publish, watch],
    cancel: [cancel],
    schedule: [dispatcher.loop],
  }
  let listener: Closable | undefined

  const running = service('tasks', {
    outside,
    http,
    publisher,
    migrations: [tasksMigrations],
    routes: taskRoutes({ database, catalog }),
    problemOf: tasksProblemOf,
    handles: launchHandlers(catalog),
    loops: [
      seeding(outside, tasks.schedules, dispatcher.loop),
      dispatcher.loop,
      publish,
      watch,
      cancel,
      beingAlive(database, claimant),
      pruning(database, catalog),
    ],
    dependencies: {
      async dispatcher() {
        const last = dispatcher.lastRoundMs()
        if (last === undefined || performance.now() - last > STALLED_AFTER_MS)
          throw new Unavailable(
            'DISPATCHER_STALLED',
            'no round of the dispatcher has ended lately: due times may be late',
          )
      },
    },
  })
  return {
    async start() {
      const started = await running.start()
      listener = listenToTasks(settings.databaseUrl, log, (notice) => {
        for (const loop of kicks[notice] ?? []) loop.kick()
      })
      return started
    },
    async close() {
      await dispatcher.drain(settings.drainSeconds * SECOND)
      await listener?.close()
      await running.close()
      await database.query('delete from schedulers where scheduler_id = $1', [claimant]).catch(() => {})
    },
  }
}

type Kickable = Loop & { kick(): void }

const SEEDED_EVERY_MS = 24 * 60 * 60 * SECOND

/** Makes the program's own schedules, once at the start; a failure is tried again. */
function seeding({ database, log }: Outside, schedules: readonly ScheduleInput[], dispatcher: Kickable): Loop {
  return {
    name: 'seed-schedules',
    everyMs: SEEDED_EVERY_MS,
    async run() {
      const written = await seedSchedules(database, schedules)
      if (written.length > 0) log.info({ schedules: written }, 'schedules were made or followed the program')
      dispatcher.kick()
    },
  }
}
