import { Command } from 'commander'
import type { Database } from '#pipelines/kernel/database.ts'
import { createLog, type Log } from '#pipelines/kernel/log.ts'
import { migrateTasks, openTasksDatabase } from '../run/program.ts'
import type { Registry } from '../task.ts'
import { auditCommand, cancelCommand, retryCommand } from './acting.ts'
import { executionsCommand, listCommand, showCommand } from './reading.ts'
import { runCommand } from './running.ts'
import { scheduleCommand } from './schedules.ts'

/** What the commands work with. */
export interface TaskCommands {
  readonly registry: Registry
  /** The program that runs one claimed execution, and its first arguments. */
  readonly program: readonly string[]
  readonly environment: NodeJS.ProcessEnv
  readonly log: Log
  /** Lends the tasks database, with all its tables. */
  withDatabase<T>(work: (database: Database) => Promise<T>): Promise<T>
}

/**
 * `eshop task …`: runs tasks, shows what ran, and works on schedules. It works on the tasks database itself, so also while no scheduler
 * runs.
 */
export function taskCommand(
  registry: Registry,
  program: readonly string[],
  environment: NodeJS.ProcessEnv = process.env,
): Command {
  const log = createLog('task', environment.LOG_LEVEL ?? 'warn')
  const commands: TaskCommands = {
    registry,
    program,
    environment,
    log,
    async withDatabase(work) {
      const database = openTasksDatabase(environment, log, 4)
      try {
        await migrateTasks(database)
        return await work(database)
      } finally {
        await database.close()
      }
    },
  }
  const task = new Command('task').description(
    'work that starts, does what there is to do, and ends; and when it is due',
  )
  for (const make of [
    listCommand,
    runCommand,
    executionsCommand,
    showCommand,
    cancelCommand,
    retryCommand,
    scheduleCommand,
    auditCommand,
  ])
    task.addCommand(make(commands))
  return task
}
