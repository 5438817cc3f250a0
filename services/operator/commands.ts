import type { Command } from 'commander'
import { dlqCommand } from './dlq/command.ts'

/** `eshop dlq`. */
export function operatorCommands(): readonly Command[] {
  return [dlqCommand()]
}
