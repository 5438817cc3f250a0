import Type, { type Static } from 'typebox'
import { AuthenticatorConfig } from './auth/config.ts'

/** Settings common to all services: spread these beside a service's own in the schema given to `readConfig`. */
export const serviceConfig = {
  host: Type.String({ default: '127.0.0.1', description: 'address to listen on' }),
  port: Type.Integer({ minimum: 0, maximum: 65_535, description: 'port to listen on, 0 for any free one' }),
  databaseUrl: Type.String({ minLength: 1, description: 'PostgreSQL database of this service alone, as a URL' }),
  databaseConnections: Type.Integer({ default: 10, minimum: 2, maximum: 200, description: 'most connections to it' }),
  kafkaBrokers: Type.String({ minLength: 1, description: 'broker addresses, host:port, separated by commas' }),
  registryUrl: Type.String({ minLength: 1, description: "base of the schema registry's Confluent API" }),
  ...AuthenticatorConfig,
  logLevel: Type.Union(
    ['trace', 'debug', 'info', 'warn', 'error', 'silent'].map((level) => Type.Literal(level)),
    { default: 'info', description: 'trace, debug, info, warn, error or silent' },
  ),
  requestsPerMinute: Type.Integer({
    default: 30_000,
    minimum: 0,
    description: 'most requests a minute of one subject, 0 for any',
  }),
  drainMs: Type.Integer({
    default: 250,
    minimum: 0,
    description: 'milliseconds on closing in which requests are still taken while readiness says no',
  }),
} as const

const Schema = Type.Object(serviceConfig)
export type ServiceConfig = Static<typeof Schema>
