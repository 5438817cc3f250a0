import { existsSync, readFileSync } from 'node:fs'
import { CommanderError } from 'commander'
import { EXIT, outsideOf } from './commands/outside.ts'
import { registerCommand } from './commands/register.ts'
import { schemaCommands } from './commands.ts'

const outside = outsideOf({ name: 'schema-check', program: 'schema-check' })
const program = schemaCommands(outside).addCommand(registerCommand(outside)).version(version()).exitOverride()
for (const command of program.commands) command.exitOverride()

/** That of the package, whose manifest lies beside the source and above the built code. */
function version(): string {
  const file = ['./package.json', '../package.json']
    .map((path) => new URL(path, import.meta.url))
    .find((path) => existsSync(path))
  return file === undefined ? '' : (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}

try {
  await program.parseAsync()
} catch (error) {
  if (!(error instanceof CommanderError)) throw error
  process.exitCode = error.exitCode === 0 ? EXIT.clean : EXIT.usage // commander has said it
}
