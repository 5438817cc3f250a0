import type { Log } from '#pipelines/kernel/log.ts'
import type { BrokerConnection } from './broker-connection.ts'
import { fetchSource } from './fetch/fetch-source.ts'
import { kafkajsSource } from './kafkajs-source.ts'
import { rdkafkaSource } from './rdkafka/rdkafka-source.ts'
import type { Source } from './source.ts'

/** What every source is told. */
export interface SourceSettings {
  readonly connection: BrokerConnection
  readonly groupId: string
  readonly topics: readonly string[]
  readonly log: Log
  readonly sessionTimeoutMs?: number
}

/** The clients records can be read with. `conformance/` holds each to the same. `rdkafka` needs a package that is not always there. */
export const sources = {
  fetch: fetchSource,
  kafkajs: kafkajsSource,
  rdkafka: rdkafkaSource,
} as const satisfies Readonly<Record<string, (settings: SourceSettings) => Source>>

export type SourceName = keyof typeof sources
