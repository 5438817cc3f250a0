import { Command, Option } from 'commander'
import { UsageError } from '#pipelines/kernel/errors.ts'
import { checkedArguments } from '../arguments.ts'
import { loadCatalog } from '../catalog.ts'
import { assertKnown } from '../run/run-task.ts'
import { pauseSchedule, removeSchedule, resumeSchedule, runNow, setSchedule, unknown } from '../schedules/change.ts'
import { upcoming } from '../schedules/next.ts'
import {
  CATCH_UPS,
  type CatchUp,
  OVERLAPS,
  type Overlap,
  type Schedule,
  type ScheduleInput,
} from '../schedules/schedule.ts'
import { definitionOf, findSchedule, listSchedules } from '../schedules/store.ts'
import type { TaskCommands } from './commands.ts'
import { durationMs, durationText, isoTime } from './duration.ts'
import { commandLineActor, countTo, jsonObject, print, printJson } from './flags.ts'

interface SetFlags {
  readonly task?: string
  readonly every?: number
  readonly cron?: string
  readonly tz?: string
  readonly args?: Record<string, unknown>
  readonly overlap?: Overlap
  readonly catchUp?: CatchUp
  readonly window?: number
  readonly jitter?: number
  readonly reason?: string
  readonly json?: true
}

interface ActFlags {
  readonly reason?: string
  readonly json?: true
}

/** `eshop task schedule …` */
export function scheduleCommand(commands: TaskCommands): Command {
  const { registry, withDatabase } = commands
  const schedule = new Command('schedule').description('when tasks are due')
  const report = (shown: Schedule, json: true | undefined) => (json ? printJson(shown) : print(lineOf(shown)))

  schedule
    .command('list')
    .description('Show all schedules.')
    .option('--json', 'one JSON object per line')
    .action(async ({ json }: { json?: true }) => {
      const all = await withDatabase(listSchedules)
      if (!json && all.length === 0) print('there are no schedules')
      for (const { schedule: one } of all) report(one, json)
    })

  schedule
    .command('set')
    .argument('<name>', 'a schedule, new or known')
    .description('Make a schedule, or change what is given of one. A new timing counts from now.')
    .option('--task <name>', `what it runs: ${Object.keys(registry).join(', ')} (default for a new one: its own name)`)
    .option('--every <duration>', 'an interval: 250ms, 5s, 30m, 12h, 2d', durationMs)
    .option('--cron <expression>', 'or a cron expression: 5 fields, or 6 with seconds first')
    .option('--tz <zone>', 'the IANA time zone of the cron expression (default UTC)')
    .option('--args <json>', 'arguments of the task', jsonObject)
    .addOption(
      new Option(
        '--overlap <policy>',
        'a due time while a run is not over is skipped, waits, or runs beside it',
      ).choices(OVERLAPS),
    )
    .addOption(new Option('--catch-up <policy>', 'which missed due times are made up for').choices(CATCH_UPS))
    .option('--window <duration>', 'how far back catching up goes (default 1h)', durationMs)
    .option('--jitter <duration>', 'put runs off by up to this', durationMs)
    .option('--reason <text>', 'why; written down with who, when, before and after')
    .option('--json', 'print it as JSON')
    .addHelpText(
      'after',
      `\nExamples:
  eshop task schedule set grace-period --every 10s --reason "calmer nights"
  eshop task schedule set nightly --task grace-period --cron '30 2 * * *' --tz Europe/Berlin --catch-up LAST --window 6h`,
    )
    .action(async (name: string, flags: SetFlags) => {
      const changed = await withDatabase(async (database) => {
        const before = await findSchedule(database, name)
        const input = inputOf(name, flags, before?.schedule)
        assertKnown(registry, input.taskName)
        const task = (await loadCatalog(registry)).find(input.taskName)
        if (task) await checkedArguments(task, input.arguments ?? {})
        return await setSchedule(database, input, { actor: commandLineActor(), reason: flags.reason })
      })
      report(changed, flags.json)
    })

  for (const [verb, change, what] of [
    ['pause', pauseSchedule, 'Fire no more until it is resumed.'],
    ['resume', resumeSchedule, 'Go on from now; what became due meanwhile is not made up for.'],
  ] as const)
    schedule
      .command(verb)
      .argument('<name>', 'a schedule')
      .description(what)
      .option('--reason <text>', 'why; written down with who and when')
      .option('--json', 'print it as JSON')
      .action(async (name: string, { reason, json }: ActFlags) => {
        report(await withDatabase((database) => change(database, name, { actor: commandLineActor(), reason })), json)
      })

  schedule
    .command('run-now')
    .argument('<name>', 'a schedule')
    .description('Have the scheduler run it once now, beside its due times and also while it is paused.')
    .option('--reason <text>', 'why; written down with who and when')
    .option('--json', 'print the result as JSON')
    .action(async (name: string, { reason, json }: ActFlags) => {
      const executionId = await withDatabase(async (database) => {
        const taskName = (await findSchedule(database, name))?.schedule.taskName ?? ''
        const policy = (await loadCatalog(registry)).policyOf(taskName)
        return await runNow(database, name, { actor: commandLineActor(), reason }, policy)
      })
      if (json) printJson({ executionId, status: 'QUEUED' })
      else print(`QUEUED (execution ${executionId})`)
    })

  schedule
    .command('next')
    .argument('<name>', 'a schedule')
    .description('Show when it is due, also beyond a change of the clocks.')
    .option('--count <n>', 'how many, at most 100', countTo(100), 5)
    .option('--from <time>', 'after this time instead of now', isoTime)
    .option('--json', 'print them as JSON')
    .addHelpText('after', '\nExamples:\n  eshop task schedule next nightly --from 2026-10-24T00:00:00Z')
    .action(async (name: string, { count, from, json }: { count: number; from?: string; json?: true }) => {
      const stored = await withDatabase((database) => findSchedule(database, name))
      if (!stored) throw unknown(name)
      const times = upcoming(stored, count, from === undefined ? undefined : Date.parse(from))
      if (json) return printJson(times)
      if (stored.schedule.paused) print('it is paused; if it were not:')
      const zone = stored.schedule.timeZone ?? 'UTC'
      for (const time of times) print(`${time}  ${zone === 'UTC' ? '' : localTime(time, zone)}`.trimEnd())
      if (times.length === 0) print('never')
    })

  schedule
    .command('remove')
    .argument('<name>', 'a schedule that an operator made')
    .description('Remove a schedule.')
    .option('--reason <text>', 'why; written down with who, when and what it was')
    .action(async (name: string, { reason }: ActFlags) => {
      await withDatabase((database) => removeSchedule(database, name, { actor: commandLineActor(), reason }))
      print('removed')
    })
  return schedule
}

/** What is not given stays as it is; an interval and a cron expression take each other's place. */
function inputOf(name: string, flags: SetFlags, before: Schedule | undefined): ScheduleInput {
  const known = before && definitionOf(before)
  if (!known && flags.every === undefined && flags.cron === undefined)
    throw new UsageError('SCHEDULE_INVALID', `there is no schedule "${name}" yet: give --every or --cron to make it`)
  const timing =
    flags.every !== undefined || flags.cron !== undefined
      ? {
          everyMs: flags.every,
          cron: flags.cron,
          timeZone: flags.tz ?? (flags.cron === undefined ? undefined : known?.timeZone),
        }
      : { everyMs: known?.everyMs, cron: known?.cron, timeZone: flags.tz ?? known?.timeZone }
  return {
    name,
    taskName: flags.task ?? known?.taskName ?? name,
    arguments: flags.args ?? known?.arguments,
    ...timing,
    overlap: flags.overlap ?? known?.overlap,
    catchUp: flags.catchUp ?? known?.catchUp,
    catchUpWindowMs: flags.window ?? known?.catchUpWindowMs,
    jitterMs: flags.jitter ?? known?.jitterMs,
  }
}

function lineOf(schedule: Schedule): string {
  const { name, taskName, everyMs, cron, timeZone, overlap, catchUp, jitterMs, paused, nextDueAt, lastDueAt, missed } =
    schedule
  const when = everyMs !== undefined ? `every ${durationText(everyMs)}` : `"${cron}" ${timeZone}`
  const state = paused
    ? `paused by ${schedule.pausedBy} at ${schedule.pausedAt}${schedule.pauseReason ? ` (${schedule.pauseReason})` : ''}`
    : `next ${nextDueAt ?? 'never'}`
  const policies = `overlap ${overlap}, catch-up ${catchUp}${jitterMs > 0 ? `, jitter ${durationText(jitterMs)}` : ''}`
  return `${name.padEnd(16)} ${taskName.padEnd(16)} ${when.padEnd(14)} ${state}, last ${lastDueAt ?? 'never'}, missed ${missed}; ${policies}`
}

/** The time on the clocks of the zone, with what they are off UTC. */
function localTime(iso: string, timeZone: string): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'long' }).format(new Date(iso))
}
