import { join } from 'node:path'
import type { Command } from 'commander'
import { meanLocalShop } from './local-shop.ts'

/** `eshop task …` with every task there is. */
export async function taskCommand(): Promise<Command> {
  await meanLocalShop()
  const { taskCommand: command } = await import('#pipelines/tasks/commands/commands.ts')
  const { tasks } = await import('./tasks/registry.ts')
  return command(tasks, [join(import.meta.dirname, 'task-run/main.ts')])
}
