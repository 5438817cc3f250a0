import { readConfig, Type } from '#pipelines/kernel/config.ts'
import type { ScheduleInput } from '#pipelines/tasks/schedules/schedule.ts'

const Config = Type.Object({
  graceIntervalMs: Type.Integer({
    default: 5_000,
    minimum: 100,
    description: 'ms between two runs of the grace-period task, until an operator sets another',
  }),
})

/** When the task is due, as long as no operator says otherwise. A run that is not over yet is not joined by a second. @throws UsageError `CONFIG_INVALID` */
export function gracePeriodSchedules(environment: NodeJS.ProcessEnv): readonly ScheduleInput[] {
  const { graceIntervalMs } = readConfig(Config, environment)
  return [
    { name: 'grace-period', taskName: 'grace-period', everyMs: graceIntervalMs, overlap: 'SKIP', catchUp: 'LAST' },
  ]
}
