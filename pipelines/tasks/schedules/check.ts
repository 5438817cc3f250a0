import { DAY, HOUR } from '#pipelines/kernel/clock.ts'
import { UsageError } from '#pipelines/kernel/errors.ts'
import { refuseSecrets } from '../arguments.ts'
import { cronOf } from './due.ts'
import { CATCH_UPS, OVERLAPS, type ScheduleDefinition, type ScheduleInput, type Timing } from './schedule.ts'

const NAME = /^[a-z0-9][a-z0-9-]{0,99}$/
const LEAST_EVERY_MS = 100
const MOST_MS = 366 * DAY

/**
 * What somebody asks for, with defaults filled in.
 * @throws UsageError `SCHEDULE_INVALID` naming every fault, `TASK_ARGUMENTS_SECRET`
 */
export function checkedSchedule(input: ScheduleInput): ScheduleDefinition {
  const { name, taskName, arguments: given = {}, everyMs, cron, timeZone = 'UTC' } = input
  const { overlap = 'SKIP', catchUp = 'LAST', catchUpWindowMs = HOUR, jitterMs = 0 } = input
  const faults: string[] = []
  const within = (field: string, value: number, least: number) => {
    if (!(Number.isInteger(value) && value >= least && value <= MOST_MS))
      faults.push(`${field} must be a whole number of milliseconds from ${least} to a year`)
  }
  if (!NAME.test(name)) faults.push('the name must be lower-case letters, digits and dashes')
  if ((everyMs === undefined) === (cron === undefined)) faults.push('say either an interval or a cron expression')
  if (everyMs !== undefined) within('the interval', everyMs, LEAST_EVERY_MS)
  if (everyMs !== undefined && input.timeZone !== undefined) faults.push('an interval has no time zone')
  if (!OVERLAPS.includes(overlap)) faults.push(`overlap is one of ${OVERLAPS.join(', ')}`)
  if (!CATCH_UPS.includes(catchUp)) faults.push(`catch-up is one of ${CATCH_UPS.join(', ')}`)
  within('the catch-up window', catchUpWindowMs, 0)
  within('the jitter', jitterMs, 0)
  if (faults.length > 0) throw new UsageError('SCHEDULE_INVALID', `bad schedule ${name}: ${faults.join('; ')}`)
  if (cron !== undefined) cronOf(cron, timeZone)
  refuseSecrets(given)
  const timing: Timing = everyMs === undefined ? { cron: cron as string, timeZone } : { everyMs }
  return { name, taskName, arguments: given, ...timing, overlap, catchUp, catchUpWindowMs, jitterMs }
}
