import { collectDefaultMetrics, Registry } from 'prom-client'
import type { Part } from '#pipelines/flow/map.ts'
import { systemClock } from '#pipelines/kernel/clock.ts'
import { type Closable, closer } from '#pipelines/kernel/lifecycle.ts'
import { createLog } from '#pipelines/kernel/log.ts'
import { kafkajsBinder } from '#pipelines/stream/binders/kafkajs/binder.ts'
import { createCodec } from '#schemas/codec/codec.ts'
import { createAuthenticator } from './auth/authenticator.ts'
import { jwksUrlOf } from './auth/config.ts'
import { remoteKeys } from './auth/keys.ts'
import { brokerLogin } from './broker-login.ts'
import { measuredDatabase } from './measured-database.ts'
import type { Outside } from './outside.ts'
import type { ServiceConfig } from './service-config.ts'

/** Makes the real outsides of a service. Nothing connects before it is used. `close` closes what was made. */
export function openOutside(part: Part, config: ServiceConfig): Outside & Closable {
  const log = createLog(part, config.logLevel)
  const opened = closer()
  const metrics = new Registry()
  collectDefaultMetrics({ register: metrics, eventLoopMonitoringPrecision: 50 })
  const database = opened.add(
    measuredDatabase({ url: config.databaseUrl, maxConnections: config.databaseConnections, name: part, log }, metrics),
  )
  const binder = opened.add(
    kafkajsBinder({ ...brokerLogin(config), brokers: config.kafkaBrokers, clientId: part, log }),
  )
  const keys = remoteKeys({ url: jwksUrlOf(config), log })
  return {
    database,
    binder,
    codec: createCodec({ registryUrl: config.registryUrl }),
    auth: createAuthenticator({ issuer: config.issuer, audience: config.audience, keys, clock: systemClock }),
    clock: systemClock,
    log,
    metrics,
    close: () => opened.close(),
  }
}
