import { Command, CommanderError } from 'commander'
import { CodedError, messageOf, Unavailable, UsageError } from '#pipelines/kernel/errors.ts'

interface Area {
  readonly names: readonly string[]
  readonly load: () => Promise<readonly Command[]>
}

/** Which area brings which commands. An area is loaded only when one of its commands, or the whole help, is asked for. */
const AREAS: readonly Area[] = [
  {
    names: ['up', 'down', 'status', 'reset', 'doctor', 'token', 'test', 'check'],
    load: async () =>
      (await import('#pipelines/local/commands.ts')).localCommands({
        shopChecks: async (settings) => (await import('#services/operator/checks/checks.ts')).shopChecks(settings),
      }),
  },
  { names: ['traffic', 'replay'], load: async () => (await import('#services/e2e/commands.ts')).e2eCommands() },
  { names: ['chaos'], load: async () => (await import('#services/integrity/commands.ts')).integrityCommands() },
  { names: ['dlq'], load: async () => (await import('#services/operator/commands.ts')).operatorCommands() },
  { names: ['flow'], load: async () => [(await import('#pipelines/flow/commands.ts')).flowCommand()] },
  { names: ['schema'], load: async () => [await (await import('./schema.ts')).schemaCommand()] },
  { names: ['task'], load: async () => [await (await import('./task.ts')).taskCommand()] },
  { names: ['analytics'], load: async () => [await (await import('./analytics.ts')).localAnalyticsCommand()] },
  { names: ['sql'], load: async () => [await (await import('./sql.ts')).localSqlCommand()] },
]

const EXIT = { broke: 1, usage: 2 } as const

async function main(argv: readonly string[]): Promise<void> {
  const program = new Command('eshop')
    .description('An event-driven shop and its tools. `eshop COMMAND --help` shows examples.')
    .showHelpAfterError('(--help shows how)')
    .exitOverride()
  const wanted = AREAS.filter((area) => area.names.includes(argv[0] ?? ''))
  for (const area of wanted.length > 0 ? wanted : AREAS) {
    for (const command of await area.load()) program.addCommand(throwing(command))
  }
  await program.parseAsync(argv, { from: 'user' })
}

/** Lets a command's usage errors be thrown, so that one place turns them into exit codes. */
function throwing(command: Command): Command {
  command.exitOverride()
  for (const sub of command.commands) throwing(sub)
  return command
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT.usage
  return error instanceof UsageError ? EXIT.usage : EXIT.broke
}

function explain(error: unknown): void {
  if (error instanceof CommanderError) return // commander has said it
  const code = error instanceof CodedError ? ` [${error.code}]` : ''
  process.stderr.write(`eshop: ${messageOf(error)}${code}\n`)
  if (error instanceof Unavailable)
    process.stderr.write('Is the shop up? `eshop status` tells, `eshop up` starts it.\n')
  if (error instanceof Error && !(error instanceof CodedError)) process.stderr.write(`${error.stack}\n`)
}

// A reader that has seen enough (`| head`) closes the pipe: nobody is there to tell anything to.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit()
})

await main(process.argv.slice(2)).catch((error: unknown) => {
  explain(error)
  process.exit(exitCodeOf(error))
})
