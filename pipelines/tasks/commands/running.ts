import { Command, Option } from 'commander'
import { CodedError } from '#pipelines/kernel/errors.ts'
import { checkedArguments } from '../arguments.ts'
import { loadCatalog } from '../catalog.ts'
import { TRIGGERS, type Trigger } from '../executions/execution.ts'
import { followExecution } from '../executions/follow.ts'
import { launch } from '../executions/operate.ts'
import { finishedOf, runHere } from '../launch/run-command.ts'
import { EXIT_CODES } from '../run/ending.ts'
import type { Finished } from '../run/run-taken.ts'
import { assertKnown } from '../run/run-task.ts'
import type { TaskCommands } from './commands.ts'
import { commandLineActor, jsonObject, print, printJson, wholeNumber } from './flags.ts'

interface RunFlags {
  readonly args: Record<string, unknown>
  readonly queue?: true
  readonly wait?: true
  readonly trigger: Trigger
  readonly request?: string
  readonly parent?: string
  readonly externalId?: string
  readonly priority?: number
  readonly json?: true
}

export function runCommand({ registry, program, environment, log, withDatabase }: TaskCommands): Command {
  return new Command('run')
    .argument('<name>', `one of: ${Object.keys(registry).join(', ')}`)
    .description(
      'Run a task now, on this machine, and exit with its exit code (0, 1 broke, 2 usage, 124 time limit, 130 and 143 stopped, 137 killed, or its own). Any cron may call it. With --queue the scheduler runs it.',
    )
    .option('--args <json>', 'its arguments as a JSON object; a secret one as {"$secret":"NAME"}', jsonObject, {})
    .option('--queue', 'leave it to the scheduler and return at once')
    .option('--wait', 'with --queue: wait for its end, and exit with its exit code')
    .option('--request <uuid>', 'names the request: asked twice, it runs once')
    .option('--parent <id>', 'the execution that asks')
    .option('--external-id <id>', 'what it is called elsewhere')
    .option('--priority <n>', 'with --queue: greater goes first (default 0)', wholeNumber)
    .addOption(new Option('--trigger <trigger>', 'what starts it').choices(TRIGGERS).default('MANUAL'))
    .option('--json', 'print the result as JSON; what the task writes goes to stderr')
    .addHelpText('after', EXAMPLES)
    .action(async (taskName: string, flags: RunFlags) => {
      assertKnown(registry, taskName)
      const { args, trigger, request: requestId, parent: parentId, externalId, priority, json } = flags
      const asked = { taskName, arguments: args, trigger, requestId, parentId, externalId, priority }
      const finished = await withDatabase(async (database) => {
        if (!flags.queue) {
          const settings = { LOG_LEVEL: 'warn', ...environment }
          const writes = json ? 'aside' : 'shown'
          const command = { database, registry, log, program, environment: settings, niceness: 0, writes } as const
          return await runHere({ ...asked, requestedBy: commandLineActor() }, command)
        }
        const catalog = await loadCatalog({ [taskName]: registry[taskName] ?? unloadable })
        const task = catalog.find(taskName)
        if (task) await checkedArguments(task, args)
        const { executionId } = await launch(
          database,
          { ...asked, policy: task?.policy },
          { actor: commandLineActor() },
        )
        if (!flags.wait) return executionId
        for await (const event of followExecution(database, executionId, { signal: new AbortController().signal }))
          if (event.type === 'output') process[json ? 'stderr' : event.stream].write(event.text)
        return await finishedOf(database, executionId, null)
      })
      if (typeof finished === 'string')
        return json
          ? printJson({ executionId: finished, status: 'QUEUED' })
          : print(`${taskName} QUEUED (execution ${finished})`)
      show(taskName, finished, json)
      process.exitCode = finished.exitCode ?? EXIT_CODES.failed
    })
}

const EXAMPLES = `
Examples:
  eshop task run grace-period                      here and now; what a crontab calls
  eshop task run grace-period --json
  eshop task run grace-period --queue --wait       by the scheduler; wait for the end`

function unloadable(): never {
  throw new CodedError('TASK_UNKNOWN', 'there is no such task')
}

function show(taskName: string, finished: Finished, json: true | undefined): void {
  const { executionId, status, message } = finished
  if (json) printJson(finished)
  else print(`${taskName} ${status}${message ? `: ${message}` : ''} (execution ${executionId})`)
}
