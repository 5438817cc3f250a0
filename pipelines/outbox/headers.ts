import type { Part } from '#pipelines/flow/map.ts'
import type { Origin } from './types.ts'

/** What the outbox row keeps of the headers; id and type are columns of their own, the rest is the same for all. */
export interface StoredHeaders {
  readonly source: Part
  readonly correlationid: string
  readonly causationid?: string
  readonly traceparent?: string
}

export function storedHeaders(source: Part, eventId: string, origin: Origin): StoredHeaders {
  return {
    source,
    correlationid: origin.correlationId ?? eventId, // what nothing caused begins a story of its own
    ...(origin.causationId && { causationid: origin.causationId }),
    ...(origin.traceparent && { traceparent: origin.traceparent }),
  }
}

/** CloudEvents 1.0, Kafka binding, binary mode; W3C trace context. */
export function recordHeaders(eventId: string, eventType: string, stored: StoredHeaders): Record<string, string> {
  return {
    ce_id: eventId,
    ce_type: eventType,
    ce_source: stored.source,
    ce_specversion: '1.0',
    'content-type': 'application/avro',
    ce_correlationid: stored.correlationid,
    ...(stored.causationid && { ce_causationid: stored.causationid }),
    ...(stored.traceparent && { traceparent: stored.traceparent }),
  }
}
