import { Command } from 'commander'
import { listAudit } from '../audit.ts'
import { loadCatalog } from '../catalog.ts'
import { findExecution } from '../executions/list.ts'
import { cancel, retry } from '../executions/operate.ts'
import type { TaskCommands } from './commands.ts'
import { commandLineActor, countTo, print, printJson } from './flags.ts'
import { assertId } from './reading.ts'

interface ActFlags {
  readonly reason?: string
  readonly json?: true
}

export function cancelCommand({ withDatabase }: TaskCommands): Command {
  return new Command('cancel')
    .argument('<id>', 'an execution that is QUEUED or RUNNING')
    .description(
      'End a run: at once if it waits; one that runs is told to stop, and killed by its launcher if it does not.',
    )
    .option('--reason <text>', 'why; written down with who and when')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', '\nExamples:\n  eshop task cancel 0199c1c2-… --reason "wrong arguments"')
    .action(async (executionId: string, { reason, json }: ActFlags) => {
      assertId(executionId)
      const status = await withDatabase((database) =>
        cancel(database, executionId, { actor: commandLineActor(), reason }),
      )
      if (json) printJson({ executionId, status })
      else print(status === 'CANCELLED' ? 'CANCELLED' : 'it is told to stop: `eshop task show` tells what became of it')
    })
}

export function retryCommand({ registry, withDatabase }: TaskCommands): Command {
  return new Command('retry')
    .argument('<id>', 'an execution that is over')
    .description('Run the same again, with its arguments and from its checkpoint: the scheduler starts it.')
    .option('--reason <text>', 'why; written down with who and when')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', '\nExamples:\n  eshop task retry 0199c1c2-…')
    .action(async (id: string, { reason, json }: ActFlags) => {
      assertId(id)
      const catalog = await loadCatalog(registry)
      const executionId = await withDatabase(async (database) => {
        const taskName = (await findExecution(database, id))?.taskName ?? ''
        return await retry(database, id, { actor: commandLineActor(), reason }, catalog.policyOf(taskName))
      })
      if (json) printJson({ executionId, status: 'QUEUED' })
      else print(`QUEUED (execution ${executionId})`)
    })
}

export function auditCommand({ withDatabase }: TaskCommands): Command {
  return new Command('audit')
    .description('Show who changed what, newest first: schedules, launches, cancellations, retries.')
    .option('--schedule <name>', 'of this schedule only')
    .option('--execution <id>', 'of this execution only')
    .option('--limit <n>', 'how many, at most 1000', countTo(1_000), 20)
    .option('--json', 'one JSON object per line')
    .addHelpText('after', '\nExamples:\n  eshop task audit --schedule grace-period')
    .action(
      async ({
        schedule,
        execution,
        limit,
        json,
      }: {
        schedule?: string
        execution?: string
        limit: number
        json?: true
      }) => {
        const subject =
          schedule !== undefined
            ? `schedule:${schedule}`
            : execution !== undefined
              ? `execution:${execution}`
              : undefined
        const entries = await withDatabase((database) => listAudit(database, { subject, limit }))
        if (!json && entries.length === 0) print('nothing was changed')
        for (const entry of entries) {
          const { at, actor, action, before, after, reason } = entry
          if (json) printJson(entry)
          else
            print(
              [at, actor, action, entry.subject, changeOf(before, after), reason ? `(${reason})` : '']
                .filter(Boolean)
                .join('  '),
            )
        }
      },
    )
}

/** Only what differs, as two long objects side by side show nobody what was changed. */
function changeOf(before: unknown, after: unknown): string {
  if (!isObject(before) || !isObject(after)) return JSON.stringify(after ?? before ?? '')
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  const text = (value: unknown) => (value === undefined ? 'none' : JSON.stringify(value))
  return names
    .filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]))
    .map((name) => `${name}: ${text(before[name])} -> ${text(after[name])}`)
    .join(', ')
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
