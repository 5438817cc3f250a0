import type { Command } from 'commander'
import { meanLocalShop } from './local-shop.ts'

/** `eshop task …` with every task there is. */
export async function taskCommand(): Promise<Command> {
  await meanLocalShop()
  const { taskCommand: command } = await import('#pipelines/tasks/commands.ts')
  const { gracePeriodTasks } = await import('#services/ordering/grace-period/registry.ts')
  return command({ ...gracePeriodTasks })
}
