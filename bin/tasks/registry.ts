import type { ScheduleInput } from '#pipelines/tasks/schedules/schedule.ts'
import type { Registry } from '#pipelines/tasks/task.ts'
import { gracePeriodTasks } from '#services/ordering/grace-period/registry.ts'

/** Every task there is. Their modules are loaded when they run. */
export const tasks: Registry = { ...gracePeriodTasks }

/** What the shop itself wants to run, and when: a first wish, which an operator's change outlives. */
export async function shopSchedules(environment: NodeJS.ProcessEnv): Promise<readonly ScheduleInput[]> {
  const { gracePeriodSchedules } = await import('#services/ordering/grace-period/schedules.ts')
  return gracePeriodSchedules(environment)
}
