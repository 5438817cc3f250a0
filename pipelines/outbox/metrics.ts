import { Counter, Gauge, type Registry } from 'prom-client'
import type { Database } from '#pipelines/kernel/database.ts'
import { sharedRead } from '#pipelines/kernel/shared-read.ts'
import { backlogOf, MOST_COUNTED } from './unsent.ts'

export interface RelayMetrics {
  sent(events: number): void
  failed(): void
}

export const noRelayMetrics: RelayMetrics = { sent() {}, failed() {} }

/** Backlog gauges are read when they are scraped; while the database is away they keep their last value. */
export function relayMetrics(registry: Registry, database: Database): RelayMetrics {
  const backlog = sharedRead(() => backlogOf(database))
  new Gauge({
    name: 'outbox_unsent_events',
    help: `Committed events that the broker has not acknowledged; ${MOST_COUNTED} means that many or more`,
    registers: [registry],
    async collect() {
      const now = await backlog().catch(() => undefined)
      if (now) this.set(now.unsent)
    },
  })
  new Gauge({
    name: 'outbox_oldest_event_age_seconds',
    help: 'How long the oldest unsent event has been waiting; 0 if none is',
    registers: [registry],
    async collect() {
      const now = await backlog().catch(() => undefined)
      if (now) this.set(now.oldestSeconds)
    },
  })
  const sent = new Counter({
    name: 'outbox_sent_events_total',
    help: 'Events acknowledged by the broker, repetitions included',
    registers: [registry],
  })
  const failures = new Counter({
    name: 'outbox_send_failures_total',
    help: 'Sends that the broker did not acknowledge',
    registers: [registry],
  })
  return { sent: (events) => sent.inc(events), failed: () => failures.inc() }
}
