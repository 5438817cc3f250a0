import type { FastifyRequest } from 'fastify'
import type { Origin } from '#pipelines/outbox/types.ts'

/** Where the events come from that a request causes. */
export function originOf(request: FastifyRequest): Origin {
  return { correlationId: request.correlationId, traceparent: request.traceparent }
}
