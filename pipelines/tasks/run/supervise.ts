import { pause } from '#pipelines/kernel/lifecycle.ts'
import type { Ending } from '../executions/execution.ts'
import type { ExitCodes } from '../task.ts'
import { failed, type StopReason, stopped, succeeded } from './ending.ts'

export interface Limits {
  /** Milliseconds; null means no limit. */
  readonly timeLimitMs: number | null
  /** How long work that was told to stop may take before its end is recorded without it. Milliseconds. */
  readonly stopWithinMs: number
  readonly exitCodes: ExitCodes
  /** Rejects with what was thrown where nobody waited for it. */
  readonly uncaught: Promise<never>
}

/**
 * Does the work and says how it ended. The work is told to stop by its signal, when the outer one aborts (with a {@link StopReason})
 * or its time is up; work that ignores this is left behind, so that every run gets an end. Never throws.
 */
export async function supervise(
  work: (signal: AbortSignal) => Promise<unknown>,
  outer: AbortSignal,
  { timeLimitMs, stopWithinMs, exitCodes, uncaught }: Limits,
): Promise<Ending> {
  const timeLimit = new AbortController()
  const timer =
    timeLimitMs === null ? undefined : setTimeout(() => timeLimit.abort('TIME_LIMIT' satisfies StopReason), timeLimitMs)
  const signal = AbortSignal.any([outer, timeLimit.signal])
  const done = new AbortController()
  try {
    if (signal.aborted) return stopped(reasonOf(signal))
    const result = await Promise.race([work(signal), uncaught, leftBehind(signal, done.signal, stopWithinMs)])
    return signal.aborted ? stopped(reasonOf(signal)) : succeeded(result)
  } catch (error) {
    return signal.aborted ? stopped(reasonOf(signal)) : failed(error, exitCodes)
  } finally {
    clearTimeout(timer)
    done.abort()
  }
}

/** Resolves when the work had its time to stop after it was told to. */
async function leftBehind(told: AbortSignal, done: AbortSignal, stopWithinMs: number): Promise<void> {
  await new Promise<void>((resolve) => told.addEventListener('abort', () => resolve(), { once: true }))
  await pause(stopWithinMs, done)
}

function reasonOf(signal: AbortSignal): StopReason {
  return signal.reason as StopReason
}
