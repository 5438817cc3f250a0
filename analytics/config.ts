import { join } from 'node:path'
import { AuthenticatorConfig } from '#pipelines/http/auth/config.ts'
import type { BrokerSettings } from '#pipelines/http/broker-login.ts'
import { serviceConfig } from '#pipelines/http/service-config.ts'
import { readConfig, Type } from '#pipelines/kernel/config.ts'
import { home } from '#pipelines/local/paths.ts'
import type { SourceName } from './ingest/sources.ts'
import { type LayoutSettings, layoutFields } from './tables/layout-settings.ts'

const Schema = Type.Object({
  host: Type.String({ default: '127.0.0.1', description: 'address to listen on' }),
  port: Type.Integer({
    default: 7105,
    minimum: 0,
    maximum: 65_535,
    description: 'port to listen on, 0 for any free one',
  }),
  clickhouseUrl: Type.String({ default: 'http://127.0.0.1:8123', description: 'HTTP address of ClickHouse' }),
  clickhouseUser: Type.String({ default: 'default' }),
  clickhousePassword: Type.String({ default: '' }),
  clickhouseAnalystUser: Type.String({ default: 'analyst', description: 'who asks what people write in SQL' }),
  clickhouseAnalystPassword: Type.String({ default: '' }),
  clickhouseDatabase: Type.String({
    default: 'eshop',
    pattern: '^[a-z][a-z0-9_]{0,40}$',
    description: 'what analysts see; the tables behind are in <name>_store',
  }),
  kafkaBrokers: Type.String({ minLength: 1, description: 'broker addresses, host:port, separated by commas' }),
  kafkaSsl: serviceConfig.kafkaSsl,
  kafkaSaslMechanism: serviceConfig.kafkaSaslMechanism,
  kafkaUsername: serviceConfig.kafkaUsername,
  kafkaPassword: serviceConfig.kafkaPassword,
  kafkaGroup: Type.String({ default: 'analytics', minLength: 1, description: 'consumer group that instances share' }),
  kafkaSource: Type.Union([Type.Literal('fetch'), Type.Literal('kafkajs'), Type.Literal('rdkafka')], {
    default: 'fetch',
    description: 'the client records are read with; rdkafka wants node-rdkafka installed (analytics/ingest/rdkafka)',
  }),
  kafkaTopics: Type.String({
    default: '',
    description: 'topics to read, separated by commas; empty for all of the map',
  }),
  registryUrl: Type.String({ minLength: 1, description: "base of the schema registry's Confluent API" }),
  ...AuthenticatorConfig,
  requestsPerMinute: serviceConfig.requestsPerMinute,
  drainMs: serviceConfig.drainMs,
  dashboardsDir: Type.String({
    default: '',
    description:
      'folders with panel files of your own, separated by commas; a name that we have too takes the place of ours',
  }),
  alertsDir: Type.String({
    default: '',
    description:
      'folders with alert rules of your own, separated by commas; a name that we have too takes the place of ours',
  }),
  alertsWebhook: Type.String({
    default: '',
    description: 'https address that alerts without one of their own are told to',
  }),
  alertsAllowPrivate: Type.Boolean({
    default: false,
    description: 'webhooks may be on private addresses, and there without TLS',
  }),
  pageCacheDir: Type.String({
    default: join(home, 'page'),
    description: 'keeps the bundled dashboards for later starts',
  }),
  localSignInUrl: Type.String({
    default: '',
    description:
      'token endpoint of the local issuer, which signs anybody in as an analyst who opens the page at localhost; empty for none',
  }),
  flushMs: Type.Integer({
    default: 200,
    minimum: 10,
    maximum: 60_000,
    description: 'milliseconds a record waits for others',
  }),
  flushRows: Type.Integer({
    default: 240_000,
    minimum: 1,
    maximum: 1_000_000,
    description: 'records that are written at once when there are many',
  }),
  maxBufferBytes: Type.Integer({
    default: 64 * 1024 * 1024,
    minimum: 1024 * 1024,
    description: 'bytes of records that are written at once; as many again may wait, then reading pauses',
  }),
  ...layoutFields,
  logLevel: Type.String({ default: 'info' }),
})

export interface AnalyticsConfig extends BrokerSettings, LayoutSettings {
  readonly host: string
  readonly port: number
  readonly clickhouseUrl: string
  readonly clickhouseUser: string
  readonly clickhousePassword: string
  readonly clickhouseAnalystUser: string
  readonly clickhouseAnalystPassword: string
  readonly clickhouseDatabase: string
  readonly kafkaBrokers: string
  readonly kafkaGroup: string
  readonly kafkaSource: SourceName
  readonly kafkaTopics: string
  readonly registryUrl: string
  readonly issuer: string
  readonly audience: string
  readonly jwksUrl?: string
  readonly requestsPerMinute: number
  readonly drainMs: number
  readonly dashboardsDir: string
  readonly alertsDir: string
  readonly alertsWebhook: string
  readonly alertsAllowPrivate: boolean
  readonly pageCacheDir: string
  readonly localSignInUrl: string
  readonly flushMs: number
  readonly flushRows: number
  readonly maxBufferBytes: number
  readonly logLevel: string
}

export function readAnalyticsConfig(environment: NodeJS.ProcessEnv = process.env): AnalyticsConfig {
  return readConfig(Schema, environment)
}

/** `a, b,` becomes `['a', 'b']`. */
export function listOf(text: string): readonly string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}
