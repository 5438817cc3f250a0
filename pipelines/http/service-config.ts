import Type, { type Static } from 'typebox'
import { DAY, MINUTE } from '#pipelines/kernel/clock.ts'
import { AuthenticatorConfig } from './auth/config.ts'

/** Settings common to all services: spread these beside a service's own in the schema given to `readConfig`. */
export const serviceConfig = {
  host: Type.String({ default: '127.0.0.1', description: 'address to listen on' }),
  port: Type.Integer({ minimum: 0, maximum: 65_535, description: 'port to listen on, 0 for any free one' }),
  databaseUrl: Type.String({ minLength: 1, description: 'PostgreSQL database of this service alone, as a URL' }),
  databaseConnections: Type.Integer({ default: 10, minimum: 2, maximum: 200, description: 'most connections to it' }),
  kafkaBrokers: Type.String({ minLength: 1, description: 'broker addresses, host:port, separated by commas' }),
  kafkaSsl: Type.Boolean({ default: false, description: 'true for TLS to the brokers' }),
  kafkaSaslMechanism: Type.Optional(
    Type.Union(
      (['plain', 'scram-sha-256', 'scram-sha-512'] as const).map((name) => Type.Literal(name)),
      { description: 'plain, scram-sha-256 or scram-sha-512; absent means no login' },
    ),
  ),
  kafkaUsername: Type.Optional(Type.String({ description: 'name to log in to the brokers with' })),
  kafkaPassword: Type.Optional(Type.String({ description: 'password of that name' })),
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
  deadLetterKeepMs: Type.Integer({
    default: 30 * DAY,
    minimum: MINUTE,
    maximum: 3_650 * DAY,
    description:
      'milliseconds that bytes, headers and keys of dead letters are kept; afterwards they can only be discarded',
  }),
  drainMs: Type.Integer({
    default: 250,
    minimum: 0,
    description: 'milliseconds on closing in which requests are still taken while readiness says no',
  }),
} as const

const Schema = Type.Object(serviceConfig)
export type ServiceConfig = Static<typeof Schema>
