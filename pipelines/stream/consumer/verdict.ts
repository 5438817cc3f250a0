import { CodedError, messageOf, Unavailable } from '#pipelines/kernel/errors.ts'
import { scrub } from '#pipelines/kernel/redaction.ts'
import type { Outcome } from '../types.ts'

/** Why a record could not be handled, in the words of a dead letter. Scrubbed: what a handler says may hold what it was given. */
export interface Reason {
  readonly code: string
  readonly reason: string
  readonly stack: string | undefined
}

export type Finished = 'done' | 'ignored' | 'duplicate' | 'unknown-type' | 'dead-letter'

/** What a try of a record came to. */
export type Verdict =
  | { readonly kind: 'finished'; readonly as: Finished; readonly reason?: string }
  /** Something everybody needs is away: all wait, nothing is counted. */
  | { readonly kind: 'outage'; readonly error: CodedError }
  /** This record can succeed later: it waits, however long. */
  | { readonly kind: 'later'; readonly reason: Reason }
  /** Counted: after the last attempt it is dead-lettered. */
  | { readonly kind: 'failed'; readonly reason: Reason }
  /** No retry helps: dead-lettered at once. */
  | { readonly kind: 'hopeless'; readonly reason: Reason }

/** Rolls a handler back, its publishes included, because of its outcome. */
export class RolledBack extends CodedError {
  readonly outcome: Outcome & { readonly reason: string }

  constructor(outcome: Outcome & { readonly reason: string }) {
    super('ROLLED_BACK', outcome.reason)
    this.outcome = outcome
  }
}

/** The one place that decides what an error means for a record. */
export function verdictOf(error: unknown): Verdict {
  if (error instanceof RolledBack) {
    const { outcome, reason } = error.outcome
    return outcome === 'retry'
      ? { kind: 'failed', reason: { code: 'RETRY_ASKED', reason: scrub(reason), stack: undefined } }
      : { kind: 'hopeless', reason: { code: 'REJECTED', reason: scrub(reason), stack: undefined } }
  }
  if (error instanceof Unavailable) return { kind: 'outage', error }
  if (!(error instanceof CodedError)) return { kind: 'failed', reason: reasonOf(error, 'UNKNOWN_ERROR') }
  if (error.retriable) return { kind: 'later', reason: reasonOf(error, error.code) }
  return { kind: 'hopeless', reason: reasonOf(error, error.code) }
}

const MAX_STACK = 4_000

export function reasonOf(error: unknown, code: string): Reason {
  const stack = error instanceof Error ? error.stack : undefined
  return {
    code,
    reason: scrub(messageOf(error)),
    stack: stack === undefined ? undefined : scrub(stack).slice(0, MAX_STACK),
  }
}
