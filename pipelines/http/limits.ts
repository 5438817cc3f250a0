import rateLimit from '@fastify/rate-limit'
import underPressure from '@fastify/under-pressure'
import type { FastifyRequest } from 'fastify'
import { MINUTE } from '#pipelines/kernel/clock.ts'
import { tooManyRequests, unavailable } from './problems.ts'
import type { HttpApp } from './types.ts'

export interface Limits {
  /** Requests a minute of one subject. 0 means no limit. Default 30 000. */
  readonly perSubject?: number
  /** Requests a minute of one address, as long as no subject is known. 0 means no limit. Default 300 000. */
  readonly perAddress?: number
  /** Mean delay of the event loop, over the last second, above which requests are turned away. Milliseconds, default 1 000. */
  readonly eventLoopDelayMs?: number
}

/** Counts a request against one key. @throws Problem 429 */
export type Count = (request: FastifyRequest) => Promise<void>

/**
 * Rate limits, counted in this process alone: with several instances each has its own. They keep one caller from taking it all; they
 * are no protection from a distributed flood.
 */
export async function addRateLimits(app: HttpApp, limits: Limits): Promise<{ subject: Count; address: Count }> {
  await app.register(rateLimit, { global: false })
  const counter = (max: number, keyOf: (request: FastifyRequest) => string): Count => {
    if (max === 0) return async () => {}
    const count = app.createRateLimit({ max, timeWindow: MINUTE, keyGenerator: keyOf })
    return async (request) => {
      const state = await count(request)
      if (!state.isAllowed && state.isExceeded) {
        throw tooManyRequests('too many requests: wait before the next one', Math.max(1, state.ttlInSeconds))
      }
    }
  }
  return {
    subject: counter(limits.perSubject ?? 30_000, (request) => request.principal.subject),
    address: counter(limits.perAddress ?? 300_000, (request) => request.ip),
  }
}

/** Turns requests away before they queue up without end. Health stays reachable, or a busy process would be killed as a dead one. */
export async function addLoadShedding(app: HttpApp, limits: Limits): Promise<void> {
  await app.register(underPressure, {
    maxEventLoopDelay: limits.eventLoopDelayMs ?? 1_000,
    pressureHandler: async (request) => {
      if (request.routeOptions.config.shed !== false) {
        throw unavailable('too busy to take more requests', 2, { code: 'OVERLOADED' })
      }
    },
  })
}
