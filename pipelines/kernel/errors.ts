/** Facts an error carries beside its message, for logs and problem details. Never secrets, never personal data. */
export type ErrorFacts = Readonly<Record<string, unknown>>

export interface CodedErrorOptions {
  /** Whether trying the same again later can succeed without anybody changing anything. Default false. */
  readonly retriable?: boolean
  readonly facts?: ErrorFacts
  readonly cause?: unknown
}

/**
 * The base of every error this project throws. `code` is stable and is what programs compare; `message` is for people and says
 * what to do where that is known.
 */
export class CodedError extends Error {
  readonly code: string
  readonly retriable: boolean
  readonly facts: ErrorFacts

  constructor(code: string, message: string, { retriable = false, facts = {}, cause }: CodedErrorOptions = {}) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = new.target.name
    this.code = code
    this.retriable = retriable
    this.facts = facts
  }
}

/** What the user gave is wrong (a flag, a file, a setting). The command line exits with 2. */
export class UsageError extends CodedError {}

/** Something outside is away or refuses work for now. Always retriable: wait, never dead-letter. */
export class Unavailable extends CodedError {
  constructor(code: string, message: string, options: Omit<CodedErrorOptions, 'retriable'> = {}) {
    super(code, message, { ...options, retriable: true })
  }
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** Walks `cause` and aggregated errors, outermost first. */
export function* causesOf(error: unknown): Generator<unknown> {
  const seen = new Set<unknown>()
  const queue = [error]
  while (queue.length > 0) {
    const next = queue.shift()
    if (next === undefined || next === null || seen.has(next)) continue
    seen.add(next)
    yield next
    if (next instanceof AggregateError) queue.push(...next.errors)
    if (next instanceof Error) queue.push(next.cause)
  }
}
