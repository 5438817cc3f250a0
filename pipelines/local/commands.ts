import type { Command } from 'commander'
import { checkCommand } from './commands/check.ts'
import { doctorCommand, type ShopChecks } from './commands/doctor.ts'
import { downCommand } from './commands/down.ts'
import { resetCommand } from './commands/reset.ts'
import { statusCommand } from './commands/status.ts'
import { testCommand } from './commands/test.ts'
import { tokenCommand } from './commands/token.ts'
import { upCommand } from './commands/up.ts'

/** The commands around the local stack, in the order of the help. `shopChecks` is what `doctor` asks of the services. */
export function localCommands({ shopChecks }: { readonly shopChecks?: ShopChecks } = {}): readonly Command[] {
  return [
    upCommand(),
    downCommand(),
    statusCommand(),
    resetCommand(),
    doctorCommand(shopChecks),
    tokenCommand(),
    testCommand(),
    checkCommand(),
  ]
}
