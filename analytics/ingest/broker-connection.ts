import { connect, isIP, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import type { ISocketFactoryArgs, SASLOptions } from 'kafkajs'

/** Where the brokers are and how they let us in. */
export interface BrokerConnection {
  /** `host:port` each. */
  readonly brokers: readonly string[]
  /** TLS: true for the system's certificate authorities, or Node's `tls.connect` options. Default: plain text. */
  readonly ssl?: boolean | ConnectionOptions
  readonly sasl?: SASLOptions
}

/** A socket as kafkajs opens it, plain or TLS, for whoever needs to hold it too. */
export function openSocket({ host, port, ssl, onConnect }: ISocketFactoryArgs): Socket {
  if (!ssl) return connect({ host, port }, onConnect)
  return connectTls({ host, port, ...(isIP(host) === 0 && { servername: host }), ...ssl }, onConnect)
}
