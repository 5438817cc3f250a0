import type { CodedError } from '#pipelines/kernel/errors.ts'
import { backoffMs, pause } from '#pipelines/kernel/lifecycle.ts'

/**
 * Something that everybody needs is away. Meanwhile one record at a time tries and the others wait, so that what comes back is not
 * met by a crowd; nobody counts an attempt.
 */
export interface Outage {
  /** The code of what is away; undefined while all is well. */
  readonly code: string | undefined
  begin(error: CodedError): void
  over(): void
  /** What was away may be back: nobody knows who would find out, so whoever comes next does. */
  forget(): void
  /** Resolves when the caller may try, or the signal aborts. Whoever tries says how it went, by `begin` or `over`. */
  passed(signal: AbortSignal): Promise<void>
  /** Says that a caller that may have been let pass will not try after all. Unsaid, all others would wait for its word for ever. */
  notTried(): void
}

const LOOK_AGAIN_MS = 100

export function createOutage(onChange: (error: CodedError | undefined) => void): Outage {
  let error: CodedError | undefined
  let failures = 0
  let trying = false

  return {
    get code() {
      return error?.code
    },
    begin(reason) {
      const first = error === undefined
      error = reason
      failures += 1
      trying = false
      if (first) onChange(reason)
    },
    over() {
      if (error === undefined) return
      error = undefined
      failures = 0
      trying = false
      onChange(undefined)
    },
    forget() {
      error = undefined
      failures = 0
      trying = false
    },
    notTried() {
      trying = false // if it was not the one that tries, another may try beside that one
    },
    async passed(signal) {
      while (error !== undefined && !signal.aborted) {
        if (trying) {
          await pause(LOOK_AGAIN_MS, signal)
          continue
        }
        trying = true
        await pause(backoffMs(failures, { baseMs: 100, capMs: 3_000 }), signal)
        if (signal.aborted) trying = false // nobody will say how it went
        return
      }
    },
  }
}
