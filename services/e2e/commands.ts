import type { Command } from 'commander'
import { replayCommand } from './replay/command.ts'
import { trafficCommand } from './traffic/command.ts'

/** `eshop traffic` and `eshop replay`. */
export function e2eCommands(): Command[] {
  return [trafficCommand(), replayCommand()]
}
