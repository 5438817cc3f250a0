import { Command, Option } from 'commander'
import { UsageError } from '#pipelines/kernel/errors.ts'
import { isUuid } from '#pipelines/kernel/ids.ts'
import { loadCatalog } from '../catalog.ts'
import { type ExecutionStatus, type ExecutionSummary, STATUSES } from '../executions/execution.ts'
import { followExecution } from '../executions/follow.ts'
import { attemptsOf, findExecution, listExecutions } from '../executions/list.ts'
import { unknownExecution } from '../executions/operate.ts'
import { readOutput } from '../executions/output.ts'
import { taskStates } from '../executions/states.ts'
import type { TaskCommands } from './commands.ts'
import { durationText, sinceWhen } from './duration.ts'
import { countTo, print, printJson } from './flags.ts'

export function listCommand({ registry, withDatabase }: TaskCommands): Command {
  return new Command('list')
    .description('Show all tasks: what runs, when each ended last and how.')
    .option('--json', 'one JSON object per line')
    .addHelpText('after', '\nExamples:\n  eshop task list')
    .action(async ({ json }: { json?: true }) => {
      const catalog = await loadCatalog(registry)
      const states = await withDatabase((database) => taskStates(database, catalog.names))
      for (const name of catalog.names) {
        const state = states.get(name)
        const task = catalog.find(name)
        if (json) {
          const { description = '', policy = null, arguments: schema = null } = task ?? {}
          printJson({
            name,
            description,
            problem: catalog.problemOf(name) ?? null,
            policy,
            arguments: schema,
            ...state,
          })
          continue
        }
        print(`${name}${task?.description ? `: ${task.description}` : ''}`)
        if (!task) print(`  cannot be loaded: ${catalog.problemOf(name)}`)
        const last = state?.lastExecution
        print(
          `  ${state?.running ?? 0} running, ${state?.queued ?? 0} queued; last: ${last ? lineOf(last) : 'never'}; last success: ${state?.lastSuccessAt ?? 'never'}`,
        )
      }
    })
}

interface ListFlags {
  readonly task?: string
  readonly status?: ExecutionStatus
  readonly schedule?: string
  readonly since?: string
  readonly limit: number
  readonly json?: true
}

export function executionsCommand({ withDatabase }: TaskCommands): Command {
  return new Command('executions')
    .description('Show the latest executions, newest first.')
    .option('--task <name>', 'of this task only')
    .addOption(new Option('--status <status>', 'with this status only').choices(STATUSES))
    .option('--schedule <name>', 'of this schedule only')
    .option('--since <when>', 'a duration ago (2h) or a time', sinceWhen)
    .option('--limit <n>', 'how many, at most 1000', countTo(1_000), 20)
    .option('--json', 'one JSON object per line')
    .addHelpText(
      'after',
      '\nExamples:\n  eshop task executions\n  eshop task executions --task grace-period --status FAILED --since 24h\n  eshop task executions --limit 5 --json',
    )
    .action(async ({ task: taskName, status, schedule: scheduleName, since, limit, json }: ListFlags) => {
      const filter = { taskName, status, scheduleName, since, limit }
      const executions = await withDatabase((database) =>
        listExecutions(database, { ...filter, since: since === undefined ? undefined : new Date(since) }),
      )
      if (!json && executions.length === 0)
        print(
          Object.values(filter).some((value) => typeof value === 'string')
            ? 'nothing like that has run'
            : 'nothing has run yet',
        )
      for (const { position: _, ...execution } of executions) {
        if (json) printJson(execution)
        else print(`${lineOf(execution)}  ${execution.executionId}${execution.message ? `  ${execution.message}` : ''}`)
      }
    })
}

export function showCommand({ withDatabase }: TaskCommands): Command {
  return new Command('show')
    .argument('<id>', 'an execution')
    .description('Show all about one execution: its record, its attempts, the last 64 KB of what it wrote.')
    .option('--follow', 'show what it writes until it ends')
    .option('--json', 'print it as JSON')
    .addHelpText('after', '\nExamples:\n  eshop task show 0199c1c2-…\n  eshop task show 0199c1c2-… --follow')
    .action(async (id: string, { follow, json }: { follow?: true; json?: true }) => {
      assertId(id)
      await withDatabase(async (database) => {
        const execution = await findExecution(database, id)
        if (!execution) throw unknownExecution(id)
        if (follow && !json) {
          for await (const event of followExecution(database, id, { signal: new AbortController().signal })) {
            if (event.type === 'output') process[event.stream].write(event.text)
            else if (event.type === 'end')
              print(
                `${event.status}${event.exitCode === null ? '' : `, exit code ${event.exitCode}`}${event.message ? `: ${event.message}` : ''}`,
              )
          }
          return
        }
        const [attempts, output] = await Promise.all([attemptsOf(database, execution.runId), readOutput(database, id)])
        if (json) return printJson({ ...execution, attempts, output })
        for (const [name, value] of Object.entries(execution))
          if (value !== null && !LATER.has(name)) print(`${name.padEnd(18)} ${textOf(value)}`)
        if (attempts.length > 1)
          print(
            `\nattempts:\n${attempts.map((attempt) => `  ${attempt.attempt}  ${lineOf(attempt)}  ${attempt.executionId}`).join('\n')}`,
          )
        if (execution.error) print(`\n${execution.error}`)
        if (output.length > 0)
          print(`\noutput (${execution.outputBytes} bytes in all):\n${output.map(({ text }) => text).join('')}`)
      })
    })
}

const LATER = new Set(['error', 'policy'])

/** @throws UsageError `EXECUTION_ID_INVALID` */
export function assertId(id: string): void {
  if (!isUuid(id))
    throw new UsageError('EXECUTION_ID_INVALID', `"${id}" is no execution: \`eshop task executions\` shows their ids`)
}

function textOf(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

function lineOf({
  taskName,
  status,
  startedAt,
  requestedAt,
  endedAt,
  exitCode,
  attempt,
  progress,
}: ExecutionSummary): string {
  const ran = startedAt && endedAt ? durationText(Date.parse(endedAt) - Date.parse(startedAt)) : '-'
  const how =
    status === 'RUNNING' && progress
      ? `${progress.done}${progress.total === undefined ? '' : `/${progress.total}`}`
      : ran
  const columns = [
    requestedAt,
    taskName.padEnd(16),
    status.padEnd(9),
    String(exitCode ?? '-').padStart(3),
    how.padStart(9),
  ]
  return columns.join('  ') + (attempt > 1 ? `  attempt ${attempt}` : '')
}
