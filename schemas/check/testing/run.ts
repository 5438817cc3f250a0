import { CommanderError } from 'commander'
import { type Outside, outsideOf } from '../commands/outside.ts'
import { schemaCommands } from '../commands.ts'

export interface Ran {
  readonly code: number
  readonly out: string
  readonly said: string
}

/** Runs a command in a folder as the command line would, and keeps what it prints. */
export async function run(cwd: string, parameters: readonly string[], given: Partial<Outside> = {}): Promise<Ran> {
  let [code, out, said] = [0, '', '']
  const outside = outsideOf({
    cwd,
    color: false,
    today: '2026-11-22',
    out: (text) => {
      out += text
    },
    say: (text) => {
      said += text
    },
    exit: (status) => {
      code = status
    },
    ...given,
  })
  const program = schemaCommands(outside)
  const quiet = { writeOut: outside.out, writeErr: outside.say }
  program.exitOverride().configureOutput(quiet)
  for (const command of program.commands) command.exitOverride().configureOutput(quiet)
  try {
    await program.parseAsync(parameters, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    code = error.exitCode === 0 ? 0 : 2
  }
  return { code, out, said }
}
