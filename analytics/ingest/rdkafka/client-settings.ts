import { rootCertificates } from 'node:tls'
import { UsageError } from '#pipelines/kernel/errors.ts'
import type { BrokerConnection } from '../broker-connection.ts'

/** How librdkafka is told what kafkajs calls `ssl` and `sasl`. @throws UsageError for a login that needs a callback */
export function connectionSettings({ brokers, ssl, sasl }: BrokerConnection): Record<string, unknown> {
  const settings: Record<string, unknown> = {
    'client.id': 'analytics',
    'metadata.broker.list': brokers.join(','),
    'security.protocol': `${sasl ? 'sasl_' : ''}${ssl ? 'ssl' : 'plaintext'}`,
    // A broker that restarts is back soon; the default waits up to ten seconds.
    'reconnect.backoff.max.ms': 1_000,
    'socket.connection.setup.timeout.ms': 5_000,
  }
  if (ssl) {
    const { ca, cert, key, passphrase, rejectUnauthorized } = ssl === true ? {} : ssl
    // librdkafka knows nothing of Node's authorities, nor of NODE_EXTRA_CA_CERTS; without a list it takes the system's.
    if (ca) settings['ssl.ca.pem'] = pem(ca)
    else if (process.env.NODE_EXTRA_CA_CERTS) settings['ssl.ca.location'] = process.env.NODE_EXTRA_CA_CERTS
    else settings['ssl.ca.pem'] = rootCertificates.join('\n')
    if (cert) settings['ssl.certificate.pem'] = pem(cert)
    if (key) settings['ssl.key.pem'] = pem(key)
    if (passphrase) settings['ssl.key.password'] = passphrase
    if (rejectUnauthorized === false) settings['enable.ssl.certificate.verification'] = false
  }
  if (sasl) {
    if (!('username' in sasl))
      throw new UsageError('RDKAFKA_LOGIN', `the source rdkafka logs in by PLAIN or SCRAM, not by ${sasl.mechanism}`)
    settings['sasl.mechanisms'] = sasl.mechanism.toUpperCase()
    settings['sasl.username'] = sasl.username
    settings['sasl.password'] = sasl.password
  }
  return settings
}

function pem(value: unknown): string {
  return Array.isArray(value) ? value.map(String).join('\n') : String(value)
}
