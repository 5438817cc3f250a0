import { join } from 'node:path'
import { type Database, openDatabase } from '#pipelines/kernel/database.ts'
import { UsageError } from '#pipelines/kernel/errors.ts'
import { failpoints } from '#pipelines/kernel/failpoint.ts'
import type { Log } from '#pipelines/kernel/log.ts'
import { take } from '../executions/store.ts'
import type { Registry } from '../task.ts'
import type { StopReason } from './ending.ts'
import { captureOutput } from './output.ts'
import { type Finished, HEARTBEAT_MS, type RunOutside, runTaken } from './run-taken.ts'
import type { RunRequest } from './run-task.ts'

export const TASKS_DATABASE_VARIABLE = 'TASKS_DATABASE_URL'

/** The folder of the tasks database's SQL. */
export const tasksMigrations = join(import.meta.dirname, '../migrations')

export interface TaskProgram {
  readonly registry: Registry
  readonly log: Log
  readonly environment?: NodeJS.ProcessEnv
  /** Default 5 000. */
  readonly heartbeatMs?: number
}

/**
 * Opens the tasks database. The setting is read by hand: the schema library that checks the settings of services takes longer to load
 * than a short task runs.
 * @throws UsageError `CONFIG_INVALID`
 */
export function openTasksDatabase(environment: NodeJS.ProcessEnv, log: Log, maxConnections = 2): Database {
  const url = environment[TASKS_DATABASE_VARIABLE]
  if (!url)
    throw new UsageError(
      'CONFIG_INVALID',
      `${TASKS_DATABASE_VARIABLE} is required (PostgreSQL URL of the tasks database)`,
    )
  return openDatabase({ url, maxConnections, name: 'tasks', log })
}

/** Makes the tables of the tasks database that are missing. */
export async function migrateTasks(database: Database): Promise<void> {
  const [{ migrate }, { outboxMigrations }] = await Promise.all([
    import('#pipelines/kernel/migrations.ts'),
    import('#pipelines/outbox/outbox.ts'),
  ])
  await migrate(database, [outboxMigrations, tasksMigrations])
}

/**
 * Runs a task as this process's work, as any cron starts it: without a scheduler, and where there is none it also does a scheduler's
 * part for its task (alone.ts). SIGTERM and SIGINT stop it, and the execution says so. The caller exits with its exit code.
 * @throws UsageError `TASK_UNKNOWN`, `TASK_ARGUMENTS_SECRET`, `CONFIG_INVALID`; Unavailable if the tasks database is away
 */
export async function runTaskProcess(request: RunRequest, program: TaskProgram): Promise<Finished> {
  const [{ assertKnown, runTask }, { runAlone }] = await Promise.all([import('./run-task.ts'), import('./alone.ts')])
  assertKnown(program.registry, request.taskName)
  return await asProcess(program, async (outside, afterwards) => {
    await migrateTasks(outside.database)
    const { database, log, signal, environment = process.env } = outside
    return await runAlone({
      ...{ database, log, environment, signal, taskName: request.taskName, afterwards },
      first: () => runTask(request, outside),
      async again({ executionId, claim }) {
        const taken = await take(database, executionId, claim, outside.heartbeatMs ?? HEARTBEAT_MS)
        return taken && (await runTaken(taken, outside))
      },
    })
  })
}

/**
 * Runs an execution that a launcher has claimed for this process; nothing if it is not this process's any more. What its launcher does
 * (retries, publishing, finding what is lost) is not done here, so that a short task costs little more than its work.
 */
export async function runClaimedProcess(
  { executionId, claim }: { readonly executionId: string; readonly claim: number },
  program: TaskProgram,
): Promise<Finished | undefined> {
  return await asProcess(program, async (outside) => {
    if (failpoints) await failpoints.at('execution.take.before')
    const taken = await take(outside.database, executionId, claim, program.heartbeatMs ?? HEARTBEAT_MS)
    if (failpoints) await failpoints.at('execution.take.after')
    return taken && (await runTaken(taken, outside))
  })
}

/** What a run finds around it when it is the work of a whole process. `afterwards` stops the signals from being this run's. */
async function asProcess<T>(
  { registry, log, environment = process.env, heartbeatMs }: TaskProgram,
  work: (outside: RunOutside, afterwards: () => void) => Promise<T>,
): Promise<T> {
  const stop = new AbortController()
  const onSignal = (name: 'SIGTERM' | 'SIGINT') => stop.abort(name satisfies StopReason)
  const output = captureOutput()
  let onUncaught: (error: unknown) => void = () => {}
  const uncaught = new Promise<never>((_, reject) => {
    onUncaught = reject
  })
  uncaught.catch(() => {})
  const afterwards = () => {
    process.off('SIGTERM', onSignal)
    process.off('SIGINT', onSignal)
    process.off('uncaughtException', onUncaught)
    process.off('unhandledRejection', onUncaught)
    output.end()
  }
  process.on('SIGTERM', onSignal)
  process.on('SIGINT', onSignal)
  process.on('uncaughtException', onUncaught)
  process.on('unhandledRejection', onUncaught)
  try {
    const database = openTasksDatabase(environment, log)
    const outside = { registry, database, log, signal: stop.signal, environment, output, uncaught }
    try {
      return await work({ ...outside, ...(heartbeatMs !== undefined && { heartbeatMs }) }, afterwards)
    } finally {
      await database.close()
    }
  } finally {
    afterwards()
  }
}
