import { postgresUrl } from '#pipelines/local/parts/postgres.ts'
import { registryUrl } from '#pipelines/local/parts/registry.ts'
import { LOOPBACK } from '#pipelines/local/paths.ts'
import { type LocalSettings, urlOf } from '#pipelines/local/settings.ts'
import type { Addresses } from '../oracle/addresses.ts'

/** Where the stores of the local shop are. */
export function localAddresses(settings: LocalSettings): Addresses {
  return {
    database: (name) => postgresUrl(settings.ports.postgres, name),
    brokers: `${LOOPBACK}:${settings.ports.kafka}`,
    registryUrl: registryUrl(settings.ports.registry),
    clickhouseUrl: urlOf(settings, 'clickhouse'),
  }
}
