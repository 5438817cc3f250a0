import { Command, InvalidArgumentError, Option } from 'commander'
import { createLog } from '#pipelines/kernel/log.ts'
import { type Execution, TRIGGERS, type Trigger } from './executions/execution.ts'
import { listExecutions } from './executions/store.ts'
import { openTasksDatabase, runTaskProcess } from './program.ts'
import type { Registry } from './task.ts'

interface RunFlags {
  readonly args: Record<string, unknown>
  readonly trigger: Trigger
  readonly json?: true
}

interface ListFlags {
  readonly task?: string
  readonly limit: number
  readonly json?: true
}

/** `eshop task …`: runs tasks of the registry and shows what ran. */
export function taskCommand(registry: Registry, environment: NodeJS.ProcessEnv = process.env): Command {
  const log = createLog('task', environment.LOG_LEVEL ?? 'warn')
  const task = new Command('task').description('work that starts, does what there is to do, and ends')

  task
    .command('run')
    .argument('<name>', `one of: ${Object.keys(registry).join(', ')}`)
    .description(
      'Run a task now, in this process, and exit with its exit code (0, 1 broke, 2 usage, 124 time limit, 143 stopped).',
    )
    .option('--args <json>', 'its arguments as a JSON object; they are recorded, so never secrets', jsonObject, {})
    .addOption(new Option('--trigger <trigger>', 'what starts it').choices(TRIGGERS).default('MANUAL'))
    .option('--json', 'print the result as JSON')
    .addHelpText('after', '\nExamples:\n  eshop task run grace-period\n  eshop task run grace-period --json')
    .action(async (name: string, { args, trigger, json }: RunFlags) => {
      const finished = await runTaskProcess({ name, arguments: args, trigger }, { registry, log, environment })
      const { executionId, status, message } = finished
      if (json) print(JSON.stringify(finished))
      else print(`${name} ${status}${message ? `: ${message}` : ''} (execution ${executionId})`)
      process.exitCode = finished.exitCode
    })

  task
    .command('executions')
    .description('Show the latest runs, newest first.')
    .option('--task <name>', 'of this task only')
    .option('--limit <n>', 'how many, at most 1000', count, 20)
    .option('--json', 'one JSON object per line')
    .addHelpText(
      'after',
      '\nExamples:\n  eshop task executions\n  eshop task executions --task grace-period --limit 5 --json',
    )
    .action(async ({ task: taskName, limit, json }: ListFlags) => {
      const database = await openTasksDatabase(environment, log)
      try {
        const executions = await listExecutions(database, { taskName, limit })
        if (!json && executions.length === 0) print('nothing has run yet')
        for (const execution of executions) print(json ? JSON.stringify(execution) : lineOf(execution))
      } finally {
        await database.close()
      }
    })

  return task
}

function lineOf({
  taskName,
  status,
  startedAt,
  requestedAt,
  endedAt,
  exitCode,
  message,
  executionId,
}: Execution): string {
  const ms = startedAt && endedAt ? `${Date.parse(endedAt) - Date.parse(startedAt)} ms` : '-'
  const columns = [
    requestedAt,
    taskName.padEnd(16),
    status.padEnd(9),
    String(exitCode ?? '-').padStart(3),
    ms.padStart(9),
  ]
  return `${columns.join('  ')}  ${executionId}${message ? `  ${message}` : ''}`
}

function jsonObject(text: string): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new InvalidArgumentError('It is not JSON.')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new InvalidArgumentError('It must be a JSON object, for example \'{"days": 3}\'.')
  return value as Record<string, unknown>
}

function count(text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1 || value > 1_000) throw new InvalidArgumentError('It must be 1 to 1000.')
  return value
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
