import { Command } from 'commander'
import { checkCommand } from './commands/check.ts'
import { compatCommand } from './commands/compat.ts'
import { diffCommand } from './commands/diff.ts'
import { explainCommand } from './commands/explain.ts'
import { listCommand } from './commands/list.ts'
import { lockCommand } from './commands/lock.ts'
import { type Outside, outsideOf } from './commands/outside.ts'

/**
 * `schema check | explain | lock | compat | list | diff`. What is outside can be given: the flow map as data, where output goes, what day it
 * is. A command sets the exit code itself: 0 clean, 100 findings, 1 broke; a wrong use is thrown as commander's own error with exit code 2.
 */
export function schemaCommands(given: Partial<Outside> = {}): Command {
  const outside = outsideOf(given)
  return new Command(outside.name)
    .description(
      'Checks that a change of an Avro schema breaks nobody: offline, every finding at once, with file, line, rule and fix.',
    )
    .addCommand(checkCommand(outside))
    .addCommand(explainCommand(outside))
    .addCommand(lockCommand(outside))
    .addCommand(compatCommand(outside))
    .addCommand(listCommand(outside))
    .addCommand(diffCommand(outside))
}
