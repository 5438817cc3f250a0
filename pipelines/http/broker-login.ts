import type { SASLOptions } from 'kafkajs'
import { UsageError } from '#pipelines/kernel/errors.ts'

/** The settings that say how to be let in by the brokers. */
export interface BrokerSettings {
  readonly kafkaSsl: boolean
  readonly kafkaSaslMechanism?: 'plain' | 'scram-sha-256' | 'scram-sha-512'
  readonly kafkaUsername?: string
  readonly kafkaPassword?: string
}

/** How a Kafka client is let in: TLS, and a login where one is set.
 * @throws UsageError `CONFIG_INVALID` when a login is only half given */
export function brokerLogin({
  kafkaSsl,
  kafkaSaslMechanism: mechanism,
  kafkaUsername: username,
  kafkaPassword: password,
}: BrokerSettings): { readonly ssl: boolean; readonly sasl?: SASLOptions } {
  const ssl = { ssl: kafkaSsl }
  if (mechanism === undefined) return ssl
  if (username === undefined || password === undefined) {
    throw new UsageError('CONFIG_INVALID', 'KAFKA_SASL_MECHANISM needs KAFKA_USERNAME and KAFKA_PASSWORD')
  }
  return { ...ssl, sasl: { mechanism, username, password } as SASLOptions }
}
