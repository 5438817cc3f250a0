import { CommanderError } from 'commander'
import { EXIT, outsideOf } from './commands/outside.ts'
import { registerCommand } from './commands/register.ts'
import { schemaCommands } from './commands.ts'

const outside = outsideOf({ name: 'schema-check', program: 'schema-check' })
const program = schemaCommands(outside).addCommand(registerCommand(outside)).exitOverride()
for (const command of program.commands) command.exitOverride()

try {
  await program.parseAsync()
} catch (error) {
  if (!(error instanceof CommanderError)) throw error
  process.exitCode = error.exitCode === 0 ? EXIT.clean : EXIT.usage // commander has said it
}
