import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { IncomingRecord } from '../binders/types.ts'
import type { PartitionQueue } from './partition-queue.ts'

export interface ConsumerMetrics {
  finished(record: IncomingRecord, type: string, as: string): void
  handled(type: string, seconds: number): void
  retried(topic: string, code: string): void
  buried(topic: string, code: string): void
}

export const noConsumerMetrics: ConsumerMetrics = { finished() {}, handled() {}, retried() {}, buried() {} }

const BUCKETS_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** Lag and age are read from the queues when they are scraped. Labels are topics, types and codes only: no ids. */
export function consumerMetrics(registry: Registry, queues: () => Iterable<PartitionQueue>): ConsumerMetrics {
  const registers = [registry]
  const lag = new Gauge({
    name: 'stream_lag_records',
    help: 'Records behind the end of the topic',
    labelNames: ['topic'],
    registers,
    collect() {
      lag.reset()
      age.reset()
      const oldest = new Map<string, number>()
      for (const queue of queues()) {
        lag.inc({ topic: queue.topic }, queue.lag)
        const seconds = queue.oldest ? Math.max(0, Date.now() - queue.oldest.record.timestamp) / 1000 : 0
        oldest.set(queue.topic, Math.max(seconds, oldest.get(queue.topic) ?? 0))
      }
      for (const [topic, seconds] of oldest) age.set({ topic }, seconds)
    },
  })
  const age = new Gauge({
    name: 'stream_oldest_message_age_seconds',
    help: 'Age of the oldest record that is here and not finished; 0 if none is',
    labelNames: ['topic'],
    registers,
  })
  const finished = new Counter({
    name: 'stream_finished_total',
    help: 'Records finished, by what became of them (done, ignored, duplicate, unknown-type, dead-letter)',
    labelNames: ['topic', 'type', 'as'],
    registers,
  })
  const seconds = new Histogram({
    name: 'stream_handler_duration_seconds',
    help: 'Time of one try of a record, transaction included',
    labelNames: ['type'],
    buckets: BUCKETS_S,
    registers,
  })
  const retries = new Counter({
    name: 'stream_retries_total',
    help: 'Tries that have to be repeated, by the code of the reason',
    labelNames: ['topic', 'code'],
    registers,
  })
  const deadLetters = new Counter({
    name: 'stream_dead_letters_total',
    help: 'Records dead-lettered, by the code of the reason',
    labelNames: ['topic', 'code'],
    registers,
  })
  return {
    finished: ({ topic }, type, as) => finished.inc({ topic, type, as }),
    handled: (type, took) => seconds.observe({ type }, took),
    retried: (topic, code) => retries.inc({ topic, code }),
    buried: (topic, code) => deadLetters.inc({ topic, code }),
  }
}
