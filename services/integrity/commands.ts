import type { Command } from 'commander'
import { chaosCommand } from './chaos/command.ts'

/** `eshop chaos`. */
export function integrityCommands(): Command[] {
  return [chaosCommand()]
}
