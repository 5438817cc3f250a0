import { DAY, MINUTE, SECOND } from '#pipelines/kernel/clock.ts'
import { UsageError } from '#pipelines/kernel/errors.ts'
import type { ExitCodes } from './task.ts'

/** What becomes of a second run while one is under way: recorded as SKIPPED, recorded as FAILED, or it waits its turn. */
export type SecondRun = 'skip' | 'fail' | 'queue'

export interface PolicyInput {
  /** Never two runs at once; `true` is `'skip'`. Default false: several may run at once. */
  readonly singleInstance?: boolean | SecondRun
  /** Milliseconds after which the run is TIMED_OUT. Default none. */
  readonly timeLimitMs?: number
  /** Attempts in all, when one is FAILED, TIMED_OUT or LOST. Wrong arguments are not tried again. Default 1. */
  readonly attempts?: number
  /** Wait before the second attempt; doubles from attempt to attempt up to `maxBackoffMs`. Milliseconds, default 1 000. */
  readonly backoffMs?: number
  /** Milliseconds, default 5 minutes. */
  readonly maxBackoffMs?: number
  /** Runs of this task at once that the scheduler starts, over all machines. Default none but the scheduler's own limit. */
  readonly maxParallel?: number
  /** How long executions are kept: at most so many milliseconds and so many of them. Default 14 days, 10 000. */
  readonly retention?: { readonly ageMs?: number; readonly count?: number }
}

export interface Policy {
  readonly singleInstance: SecondRun | null
  readonly timeLimitMs: number | null
  readonly attempts: number
  readonly backoffMs: number
  readonly maxBackoffMs: number
  readonly maxParallel: number | null
  readonly retention: Retention
}

export interface Retention {
  readonly ageMs: number
  readonly count: number
}

export const DEFAULT_RETENTION: Retention = { ageMs: 14 * DAY, count: 10_000 }

/** The policy with its defaults. @throws UsageError `TASK_POLICY_INVALID`, `TASK_EXIT_CODE_INVALID` */
export function policyOf(name: string, input: PolicyInput = {}, exitCodes: ExitCodes = []): Policy {
  const { singleInstance = false, timeLimitMs = null, attempts = 1, backoffMs = SECOND } = input
  const { maxBackoffMs = 5 * MINUTE, maxParallel = null, retention = {} } = input
  const policy: Policy = {
    singleInstance: singleInstance === true ? 'skip' : singleInstance || null,
    timeLimitMs,
    attempts,
    backoffMs,
    maxBackoffMs,
    maxParallel,
    retention: { ...DEFAULT_RETENTION, ...retention },
  }
  const faults: string[] = []
  const positive = {
    timeLimitMs,
    attempts,
    maxParallel,
    'retention.ageMs': policy.retention.ageMs,
    'retention.count': policy.retention.count,
  }
  for (const [field, value] of Object.entries(positive))
    if (value !== null && !(Number.isInteger(value) && value >= 1))
      faults.push(`${field} must be a whole number from 1`)
  for (const [field, value] of Object.entries({ backoffMs, maxBackoffMs }))
    if (!(Number.isInteger(value) && value >= 0)) faults.push(`${field} must be a whole number from 0`)
  if (timeLimitMs !== null && timeLimitMs > MOST_TIMER_MS) faults.push('timeLimitMs must be at most 24 days')
  if (!/^[a-z0-9][a-z0-9-]{0,99}$/.test(name)) faults.push('the name must be lower-case letters, digits and dashes')
  if (faults.length > 0) throw new UsageError('TASK_POLICY_INVALID', `task ${name}: ${faults.join('; ')}`)
  const bad = exitCodes.find(([, code]) => !(Number.isInteger(code) && code >= 3 && code <= 99))
  if (bad)
    throw new UsageError('TASK_EXIT_CODE_INVALID', `task ${name}: exit codes of its own are 3 to 99, not ${bad[1]}`)
  return policy
}

/** What a timer can wait. */
const MOST_TIMER_MS = 2 ** 31 - 1

/** Milliseconds until the attempt after this one. */
export function backoffAfter(
  attempt: number,
  { backoffMs, maxBackoffMs }: Pick<Policy, 'backoffMs' | 'maxBackoffMs'>,
): number {
  return Math.min(maxBackoffMs, backoffMs * 2 ** Math.min(attempt - 1, 40))
}
