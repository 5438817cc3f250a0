import { join } from 'node:path'
import { type Database, openDatabase } from '#pipelines/kernel/database.ts'
import { UsageError } from '#pipelines/kernel/errors.ts'
import type { Log } from '#pipelines/kernel/log.ts'
import { migrate } from '#pipelines/kernel/migrations.ts'
import type { StopReason } from './ending.ts'
import { type Finished, type RunRequest, runTask } from './run-task.ts'
import type { Registry } from './task.ts'

export const TASKS_DATABASE_VARIABLE = 'TASKS_DATABASE_URL'

/** The folder of the tasks database's SQL. */
export const tasksMigrations = join(import.meta.dirname, 'migrations')

export interface TaskProgram {
  readonly registry: Registry
  readonly log: Log
  readonly environment?: NodeJS.ProcessEnv
}

/**
 * Opens the tasks database of this machine, migrated. The setting is read by hand: the schema library that checks the settings of
 * services takes longer to load than a short task runs.
 * @throws UsageError `CONFIG_INVALID`
 */
export async function openTasksDatabase(environment: NodeJS.ProcessEnv, log: Log): Promise<Database> {
  const url = environment[TASKS_DATABASE_VARIABLE]
  if (!url)
    throw new UsageError(
      'CONFIG_INVALID',
      `${TASKS_DATABASE_VARIABLE} is required (PostgreSQL URL of the tasks database)`,
    )
  const database = openDatabase({ url, maxConnections: 2, name: 'tasks', log })
  await migrate(database, [tasksMigrations]).catch(async (error) => {
    await database.close()
    throw error
  })
  return database
}

/** Runs one task as this process's work: SIGTERM and SIGINT stop it, and the execution says so. The caller exits with its exit code. */
export async function runTaskProcess(request: RunRequest, program: TaskProgram): Promise<Finished> {
  const { registry, log, environment = process.env } = program
  const stop = new AbortController()
  const onSignal = (name: 'SIGTERM' | 'SIGINT') => stop.abort(name satisfies StopReason)
  process.on('SIGTERM', onSignal)
  process.on('SIGINT', onSignal)
  try {
    const database = await openTasksDatabase(environment, log)
    try {
      return await runTask(request, { registry, database, log, signal: stop.signal })
    } finally {
      await database.close()
    }
  } finally {
    process.off('SIGTERM', onSignal)
    process.off('SIGINT', onSignal)
  }
}
