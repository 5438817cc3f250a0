import { CodedError, messageOf } from '#pipelines/kernel/errors.ts'
import { pause } from '#pipelines/kernel/lifecycle.ts'

export interface EventuallyOptions {
  /** Default 15 000. */
  readonly withinMs?: number
  /** Default 25. */
  readonly everyMs?: number
  /** What is waited for, for the message when it does not happen. */
  readonly what?: string
  /**
   * What shows that it still comes nearer, such as rows that are there by now: whenever this is another value than before, the time counts anew.
   * A machine that is slow is no failure then, and one that stands still is. Asked once a second at most; who throws shows nothing.
   */
  readonly progress?: () => unknown
}

/**
 * Asks until the answer is neither undefined, null nor false and nothing is thrown (so `expect` works inside), then returns it.
 * @throws CodedError `NEVER_HAPPENED` with the last answer or error
 */
export async function eventually<T>(
  question: () => T | Promise<T>,
  { withinMs = 15_000, everyMs = 25, what = 'what was waited for', progress }: EventuallyOptions = {},
): Promise<NonNullable<Exclude<T, false>>> {
  let until = Date.now() + withinMs
  let seen: unknown
  let lookAt = 0

  async function look() {
    if (!progress || Date.now() < lookAt) return
    const now = await Promise.resolve()
      .then(progress)
      .catch(() => seen)
    lookAt = Date.now() + Math.min(1_000, withinMs / 4)
    if (now === seen) return
    seen = now
    until = Date.now() + withinMs
  }

  let last = 'it was never asked'
  let cause: unknown
  do {
    try {
      const answer = await question()
      if (answer !== undefined && answer !== null && answer !== false) return answer as NonNullable<Exclude<T, false>>
      last = `the last answer was ${String(answer)}`
      cause = undefined
    } catch (error) {
      last = messageOf(error)
      cause = error
    }
    await look()
    await pause(everyMs)
  } while (Date.now() < until)
  throw new CodedError(
    'NEVER_HAPPENED',
    `${what} did not happen within ${withinMs} ms${progress ? ` of the last progress (${String(seen)})` : ''}: ${last}`,
    { cause },
  )
}
