import { createHash } from 'node:crypto'
import { Cron } from 'croner'
import { DAY, HOUR, MINUTE, SECOND } from '#pipelines/kernel/clock.ts'
import { messageOf, UsageError } from '#pipelines/kernel/errors.ts'
import type { CatchUp, Timing } from './schedule.ts'

/** When a schedule is due. All times are milliseconds since the epoch, of the database's clock. */
export type Due = Timing & {
  /** Due times of an interval are the anchor and whole intervals after it. */
  readonly anchorMs: number
}

/**
 * The first due time after the given one; nothing if there is none any more. What a change to or from daylight saving time does to cron
 * (croner, in the manner of Vixie cron): a time of day that is left out is due when the clocks have moved on; one that comes twice is
 * due once, at the first; what recurs within the hour (`*` or a step in minutes or hours) goes on by elapsed time.
 */
export function nextDue(due: Due, afterMs: number): number | undefined {
  if (due.everyMs !== undefined) {
    const passed = Math.floor((afterMs - due.anchorMs) / due.everyMs)
    return due.anchorMs + (Math.max(-1, passed) + 1) * due.everyMs
  }
  // The cron library looks at whole seconds: what is due in this one is not after it.
  return cronOf(due.cron, due.timeZone).nextRun(new Date(afterMs))?.getTime()
}

/** The next few due times after the given one. */
export function nextDues(due: Due, afterMs: number, count: number): readonly number[] {
  const dues: number[] = []
  for (let at = nextDue(due, afterMs); at !== undefined && dues.length < count; at = nextDue(due, at)) dues.push(at)
  return dues
}

/** A due time later than this is a missed one: until then it is only late. */
export const LATE_MS = 30 * SECOND
/** Due times looked at in one go. What is left is dealt with at once after it. */
export const MOST_AT_ONCE = 500

export interface Fired {
  /** To be run, in their order. */
  readonly fire: readonly number[]
  /** Passed over. */
  readonly missed: number
  /** The first that was not looked at. */
  readonly next: number | undefined
}

export interface CatchUpPolicy {
  readonly catchUp: CatchUp
  readonly catchUpWindowMs: number
}

/** Decides what is run of the due times from `fromMs` (which is one) up to now. */
export function decide(due: Due, { catchUp, catchUpWindowMs }: CatchUpPolicy, fromMs: number, nowMs: number): Fired {
  const reachMs = catchUp === 'NONE' ? LATE_MS : Math.max(LATE_MS, catchUpWindowMs)
  const earliest = nowMs - reachMs <= fromMs ? fromMs : nextDue(due, nowMs - reachMs - 1)
  if (earliest === undefined || earliest > nowMs)
    return { fire: [], missed: countBetween(due, fromMs, nowMs + 1), next: earliest }
  if (catchUp !== 'ALL') {
    const last = lastDue(due, earliest, nowMs)
    return { fire: [last], missed: countBetween(due, fromMs, last), next: nextDue(due, nowMs) }
  }
  const fire = [earliest, ...nextDues(due, earliest, MOST_AT_ONCE - 1)].filter((at) => at <= nowMs)
  return { fire, missed: countBetween(due, fromMs, earliest), next: nextDue(due, fire.at(-1) ?? nowMs) }
}

/** The last due time up to now, where `earliest` is one. Looks near now first: within a year there may be half a million. */
function lastDue(due: Due, earliest: number, nowMs: number): number {
  if (due.everyMs !== undefined) return due.anchorMs + Math.floor((nowMs - due.anchorMs) / due.everyMs) * due.everyMs
  for (const reachMs of [MINUTE, HOUR, DAY, 31 * DAY]) {
    if (nowMs - reachMs <= earliest) break
    const near = nextDue(due, nowMs - reachMs - 1)
    if (near !== undefined && near <= nowMs) return walk(due, near, nowMs)
  }
  return walk(due, earliest, nowMs)
}

function walk(due: Due, fromMs: number, nowMs: number): number {
  let last = fromMs
  for (let at = nextDue(due, last); at !== undefined && at <= nowMs; at = nextDue(due, at)) last = at
  return last
}

/** Due times from one (included) to another (not included), counted up to a limit for cron. */
function countBetween(due: Due, fromMs: number, toMs: number): number {
  if (toMs <= fromMs) return 0
  if (due.everyMs !== undefined) return Math.ceil((toMs - fromMs) / due.everyMs)
  let count = 1
  for (let at = nextDue(due, fromMs); at !== undefined && at < toMs && count < MOST_COUNTED; at = nextDue(due, at))
    count++
  return count
}

const MOST_COUNTED = 1_000

/** By how much a due time is put off: spread evenly over the jitter, and always the same, so that every scheduler says the same. */
export function jitterOf(scheduleName: string, dueMs: number, jitterMs: number): number {
  if (jitterMs === 0) return 0
  const digest = createHash('sha256').update(`${scheduleName}\0${dueMs}`).digest()
  return digest.readUInt32BE(0) % (jitterMs + 1)
}

const crons = new Map<string, Cron>()

/** @throws UsageError `SCHEDULE_INVALID` for what is no cron expression or no time zone */
export function cronOf(cron: string, timeZone: string): Cron {
  const key = `${timeZone} ${cron}`
  let known = crons.get(key)
  if (!known) {
    try {
      known = new Cron(cron, { timezone: timeZone, paused: true })
      known.nextRun(new Date(0)) // the zone is looked at only now
    } catch (error) {
      throw new UsageError(
        'SCHEDULE_INVALID',
        `"${cron}" in ${timeZone} is no cron expression in a time zone: ${messageOf(error)}`,
      )
    }
    if (crons.size > 1_000) crons.clear()
    crons.set(key, known)
  }
  return known
}
