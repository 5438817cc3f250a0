import { CodedError, causesOf, messageOf, UsageError } from '#pipelines/kernel/errors.ts'
import { scrub } from '#pipelines/kernel/redaction.ts'
import type { Ending } from '../executions/execution.ts'
import type { ExitCodes } from '../task.ts'

/** What a task's process exits with. 124, 137 and 143 are what `timeout` and a shell report for the same ends. */
export const EXIT_CODES = {
  succeeded: 0,
  failed: 1,
  usage: 2,
  timedOut: 124,
  interrupted: 130,
  killed: 137,
  terminated: 143,
} as const

const MAX_ERROR_CHARACTERS = 16_384

/** Why a run is stopped before it is done. */
export type StopReason = 'SIGTERM' | 'SIGINT' | 'CANCELLED' | 'TIME_LIMIT' | 'LEASE_LOST'

export function succeeded(result: unknown): Ending {
  return { status: 'SUCCEEDED', exitCode: EXIT_CODES.succeeded, message: null, error: null, result }
}

export function skipped(message: string): Ending {
  return { status: 'SKIPPED', exitCode: EXIT_CODES.succeeded, message, error: null, result: undefined }
}

/** The end of a run that threw. Its exit code is that of the first class in `exitCodes` that the error, or one of its causes, has. */
export function failed(error: unknown, exitCodes: ExitCodes = []): Ending {
  const isUsage = error instanceof UsageError
  const own = causesOf(error)
    .flatMap((cause) => exitCodes.filter(([kind]) => cause instanceof kind))
    .next().value?.[1]
  return {
    status: 'FAILED',
    exitCode: own ?? (isUsage ? EXIT_CODES.usage : EXIT_CODES.failed),
    message: cap(scrub(messageOf(error))),
    error: describe(error),
    result: undefined,
    final: isUsage,
  }
}

export function stopped(reason: StopReason): Ending {
  const common = { error: null, result: undefined }
  switch (reason) {
    case 'SIGTERM':
      return { ...common, status: 'CANCELLED', exitCode: EXIT_CODES.terminated, message: 'stopped by SIGTERM' }
    case 'CANCELLED':
      return { ...common, status: 'CANCELLED', exitCode: EXIT_CODES.terminated, message: 'cancelled' }
    case 'SIGINT':
      return { ...common, status: 'CANCELLED', exitCode: EXIT_CODES.interrupted, message: 'stopped by SIGINT' }
    case 'TIME_LIMIT':
      return { ...common, status: 'TIMED_OUT', exitCode: EXIT_CODES.timedOut, message: 'it ran into its time limit' }
    case 'LEASE_LOST':
      return { ...common, status: 'FAILED', exitCode: EXIT_CODES.failed, message: 'it was taken for lost while it ran' }
  }
}

/** Name, code, stack and causes, without what may not be written, and not longer than a page can show. */
function describe(error: unknown): string {
  const parts = [...causesOf(error)].map((cause) => {
    const code = cause instanceof CodedError ? `[${cause.code}] ` : ''
    return cause instanceof Error ? `${code}${cause.stack ?? cause.message}` : String(cause)
  })
  return cap(scrub(parts.join('\ncaused by: ')))
}

/** Text as PostgreSQL takes it, and not longer than a page can show. */
export function cap(text: string): string {
  const clean = text.replaceAll('\0', '').toWellFormed()
  return clean.length <= MAX_ERROR_CHARACTERS
    ? clean
    : `${clean.slice(0, MAX_ERROR_CHARACTERS).toWellFormed()} … cut off`
}
