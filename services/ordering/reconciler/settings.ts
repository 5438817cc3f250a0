import Type, { type Static } from 'typebox'
import { DAY, HOUR, MINUTE, SECOND } from '#pipelines/kernel/clock.ts'

/** How patient ordering is with catalog, payment and the grace-period task. */
export const reconcilerConfig = {
  reconcileEveryMs: Type.Integer({
    default: 5 * SECOND,
    minimum: 10,
    maximum: HOUR,
    description: 'milliseconds between two looks for orders that wait for somebody',
  }),
  redriveAfterMs: Type.Integer({
    default: 30 * SECOND,
    minimum: 10,
    maximum: DAY,
    description:
      'milliseconds an order waits before the others are asked again; doubles each time up to REDRIVE_CAP_MS',
  }),
  redriveCapMs: Type.Integer({
    default: 10 * MINUTE,
    minimum: 10,
    maximum: DAY,
    description: 'longest milliseconds between two times of asking again',
  }),
  timeoutRedrives: Type.Integer({
    default: 5,
    minimum: 1,
    maximum: 100,
    description:
      'times the others are asked again without an answer, though they read it, before the order is cancelled',
  }),
  stuckAfterMs: Type.Integer({
    default: 2 * MINUTE,
    minimum: 10,
    maximum: DAY,
    description: 'milliseconds in one status after which an order counts as stuck: metric, log, GET /v1/orders/stuck',
  }),
} as const

const Schema = Type.Object(reconcilerConfig)
export type ReconcilerSettings = Static<typeof Schema>

/** Time to hear an answer once the others have read the question. */
export function answerMs({ redriveAfterMs }: ReconcilerSettings): number {
  return redriveAfterMs / 3
}

/** How long the reconciler waits after it has asked again so many times. */
export function nextRedriveMs(redrives: number, { redriveAfterMs, redriveCapMs }: ReconcilerSettings): number {
  return Math.max(redriveAfterMs, Math.min(redriveCapMs, redriveAfterMs * 2 ** Math.min(redrives, 30)))
}
