import type { Status } from '../domain/order.ts'
import { answerMs, type ReconcilerSettings } from './settings.ts'

/** An order that has been waiting for longer than usual. Times in epoch milliseconds, by the database's clock. */
export interface LateOrder {
  readonly orderId: string
  readonly status: OpenStatus
  readonly version: number
  /** Since when it waits: in this status, or for ordering to hear that the grace period is over. */
  readonly since: number
  /** Submitted only: whether the grace-period task has confirmed it. */
  readonly isGraceConfirmed: boolean
  /** Times the last step was sent again. */
  readonly redrives: number
  readonly lastRedriveAt: number | null
  /** Not to be sent again before. */
  readonly nextRedriveAt: number | null
  readonly now: number
}

export type OpenStatus = Extract<Status, 'Submitted' | 'AwaitingValidation' | 'StockConfirmed'>

/** What is known of the one it waits for. */
export interface Awaited {
  /** Since when the awaited group is known to have read what was sent last; undefined while it is not. */
  readonly readSince: number | undefined
  /** Whether ordering itself has read all that was answered until then. */
  readonly isHeard: boolean
}

/**
 * Why an order stands still:
 * - `GRACE_TASK_SILENT`: nobody has confirmed its grace period: is the task running?
 * - `NOT_READ`: the one it waits for has not come to the question: it is away, or behind
 * - `NO_ANSWER`: the question was read and there is no answer
 * - `ANSWER_NOT_READ`: ordering itself is behind with what it is told
 */
export type Why = 'GRACE_TASK_SILENT' | 'NOT_READ' | 'NO_ANSWER' | 'ANSWER_NOT_READ'

export interface Verdict {
  readonly act: 'wait' | 'redrive' | 'cancel'
  readonly why: Why
}

/**
 * What to do about a late order. Asks again only what was read without an answer: what nobody has read yet is not lost, and asking
 * again would only make the queue longer. Cancels only when the other side reads, was asked several times, and had time to answer.
 */
export function decide(order: LateOrder, { readSince, isHeard }: Awaited, settings: ReconcilerSettings): Verdict {
  const { status, now, nextRedriveAt, redrives } = order
  if (status === 'Submitted' && !order.isGraceConfirmed) return { act: 'wait', why: 'GRACE_TASK_SILENT' }
  if (readSince === undefined) return { act: 'wait', why: 'NOT_READ' }
  if (!isHeard) return { act: 'wait', why: 'ANSWER_NOT_READ' }
  const why = 'NO_ANSWER'
  const isDue = nextRedriveAt === null || nextRedriveAt <= now
  if (!isDue || now - readSince < answerMs(settings)) return { act: 'wait', why }
  if (status === 'Submitted' || redrives < settings.timeoutRedrives) return { act: 'redrive', why }
  return { act: 'cancel', why }
}
