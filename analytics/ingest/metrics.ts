import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { Sealed } from './batch.ts'

/** What the ingest tells about itself. */
export interface IngestMetrics {
  written(sealed: Sealed, tookMs: number, oldestMs: number): void
  flushFailed(): void
  lost(topic: string, records: number): void
  /** A field that our version of an event does not have was kept in `unknown_fields`. */
  unknownField(type: string, field: string, records: number): void
  waiting(rows: number): void
}

export function ingestMetrics(registry: Registry): IngestMetrics {
  const registers = [registry]
  const records = new Counter({ name: 'analytics_records_total', help: 'Records stored', registers })
  const dead = new Counter({ name: 'analytics_dead_letters_total', help: 'Records that could not be read', registers })
  const failures = new Counter({
    name: 'analytics_flush_failures_total',
    help: 'Flushes that had to be repeated',
    registers,
  })
  const missing = new Counter({
    name: 'analytics_records_lost_total',
    help: 'Records that the log dropped before they were read',
    labelNames: ['topic'],
    registers,
  })
  const unknown = new Counter({
    name: 'analytics_unknown_fields_total',
    help: 'Records with a field that has no column yet: kept in unknown_fields',
    labelNames: ['type', 'field'],
    registers,
  })
  const bytes = new Counter({ name: 'analytics_inserted_bytes_total', help: 'Bytes sent to ClickHouse', registers })
  const waiting = new Gauge({ name: 'analytics_rows_waiting', help: 'Records read and not yet stored', registers })
  const flush = new Histogram({
    name: 'analytics_flush_seconds',
    help: 'Time of one flush',
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers,
  })
  const freshness = new Histogram({
    name: 'analytics_freshness_seconds',
    help: 'Age of the oldest record of a flush when it is stored',
    buckets: [0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.6, 1, 2, 5, 10, 60, 600],
    registers,
  })
  return {
    written(sealed, tookMs, oldestMs) {
      records.inc(sealed.rows)
      dead.inc(sealed.deadRows)
      bytes.inc(sealed.bytes)
      flush.observe(tookMs / 1000)
      freshness.observe(oldestMs / 1000)
    },
    flushFailed: () => failures.inc(),
    lost: (topic, count) => missing.inc({ topic }, count),
    unknownField: (type, field, count) => unknown.inc({ type, field }, count),
    waiting: (rows) => waiting.set(rows),
  }
}
