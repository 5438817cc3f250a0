import type { Registry } from 'prom-client'
import type { Clock } from '#pipelines/kernel/clock.ts'
import type { Database } from '#pipelines/kernel/database.ts'
import type { Log } from '#pipelines/kernel/log.ts'
import type { Binder } from '#pipelines/stream/binders/types.ts'
import type { Codec } from '#schemas/codec/codec.ts'
import type { Authenticator } from './types.ts'

/** All that is outside a service. Production and tests share the services' constructors and differ only in this. */
export interface Outside {
  readonly database: Database
  readonly binder: Binder
  readonly codec: Codec
  readonly auth: Authenticator
  readonly clock: Clock
  readonly log: Log
  /** Where everything inside counts; `/metrics` shows it. One per service. */
  readonly metrics: Registry
}
