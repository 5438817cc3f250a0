import { type ISocketFactory, Kafka, type KafkaConfig, type LogEntry, logLevel, type SASLOptions } from 'kafkajs'
import type { Log } from '#pipelines/kernel/log.ts'
import { mendRequestQueue } from './request-queue.ts'

export interface KafkaConnection {
  /** `host:port`, comma-separated or as a list. */
  readonly brokers: string | readonly string[]
  /** Shown in the broker's log and metrics. */
  readonly clientId: string
  /** TLS: true for the system's certificate authorities, or Node's `tls.connect` options. Default: plain text. */
  readonly ssl?: KafkaConfig['ssl']
  readonly sasl?: SASLOptions
  readonly log: Log
  /** How sockets are made; for tests that cut them. */
  readonly socketFactory?: ISocketFactory
}

/**
 * A kafkajs client that gives up quickly (the parts above decide about waiting), never lets a consumer restart itself, and logs into
 * our log. Nothing connects yet.
 */
export function kafkaClient({ brokers, clientId, ssl, sasl, log, socketFactory }: KafkaConnection): Kafka {
  mendRequestQueue()
  return new Kafka({
    clientId,
    brokers: typeof brokers === 'string' ? brokers.split(',').map((broker) => broker.trim()) : [...brokers],
    ...(ssl !== undefined && { ssl }),
    ...(sasl && { sasl }),
    ...(socketFactory && { socketFactory }),
    connectionTimeout: 3_000,
    requestTimeout: 10_000,
    retry: { initialRetryTime: 100, maxRetryTime: 1_000, retries: 3, restartOnFailure: async () => false },
    logLevel: logLevel.WARN,
    logCreator: () => (entry) => writeTo(log, entry),
  })
}

/** Connections that come and go are told by whoever waits for them, once; here they are noise. */
const NOISY = new Set(['Connection', 'BrokerPool', 'Cluster', 'Consumer', 'Runner'])

function writeTo(log: Log, { namespace, level, log: { message, error } }: LogEntry) {
  const line = { kafkajs: namespace, ...(error !== undefined && { error: String(error) }) }
  if (level === logLevel.ERROR && !NOISY.has(namespace)) log.warn(line, message)
  else log.debug(line, message)
}
