import type { ConnectionOptions as TlsOptions } from 'node:tls'
import type { BrokerConnection } from '../broker-connection.ts'

/** How @platformatic/kafka is told what kafkajs calls `ssl` and `sasl`. */
export function clientOptions({ brokers, ssl, sasl }: BrokerConnection) {
  const tls: TlsOptions | undefined = ssl === true ? {} : ssl || undefined
  const { username, password } = (sasl ?? {}) as { username?: string; password?: string }
  return {
    clientId: 'analytics',
    bootstrapBrokers: [...brokers],
    connectTimeout: 5_000,
    requestTimeout: 15_000,
    ...(tls && { tls }),
    ...(sasl && {
      sasl: {
        mechanism: sasl.mechanism.toUpperCase() as 'PLAIN',
        ...(username !== undefined && { username }),
        ...(password !== undefined && { password }),
      },
    }),
  }
}
