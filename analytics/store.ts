import { type ClickHouseClient, ClickHouseLogLevel, createClient } from '@clickhouse/client'
import { HOUR, SECOND } from '#pipelines/kernel/clock.ts'

export interface StoreAddress {
  readonly clickhouseUrl: string
  readonly clickhouseUser: string
  readonly clickhousePassword: string
  readonly clickhouseDatabase: string
}

export interface AnalystAddress extends StoreAddress {
  readonly clickhouseAnalystUser: string
  readonly clickhouseAnalystPassword: string
}

/** How long a statement may take of those that go over every row there is: a migration, a copy, a mutation. Whether the server still lives, TCP tells. */
export const UPKEEP_TIMEOUT_MS: number = 24 * HOUR

/** As {@link openStore}, for statements that take as long as they take. */
export function openUpkeep(address: StoreAddress): ClickHouseClient {
  return openStore(address, { requestTimeoutMs: UPKEEP_TIMEOUT_MS })
}

/** A client of ClickHouse, embedded or real, for statements that are soon over. Nothing connects before it is used. */
export function openStore(
  { clickhouseUrl, clickhouseUser, clickhousePassword }: StoreAddress,
  { requestTimeoutMs = 60 * SECOND }: { readonly requestTimeoutMs?: number } = {},
): ClickHouseClient {
  return createClient({
    url: clickhouseUrl,
    username: clickhouseUser,
    password: clickhousePassword,
    request_timeout: requestTimeoutMs,
    max_open_connections: 16,
    // Shorter than the server's: a connection that is just being closed there would lose a request.
    keep_alive: { enabled: true, idle_socket_ttl: 2_500 },
    // Of late records one insert may bring any number of a table's partitions.
    clickhouse_settings: { max_partitions_per_insert_block: '0' },
    log: { level: ClickHouseLogLevel.OFF },
  })
}

/** Reads only: what questions are asked through, so that no mistake in one can change anything. */
export function openReader(address: StoreAddress): ClickHouseClient {
  return createClient({
    url: address.clickhouseUrl,
    username: address.clickhouseUser,
    password: address.clickhousePassword,
    database: address.clickhouseDatabase,
    request_timeout: 30 * SECOND,
    max_open_connections: 8,
    keep_alive: { enabled: true, idle_socket_ttl: 2_500 },
    clickhouse_settings: {
      readonly: '2',
      max_execution_time: 20,
      output_format_json_quote_64bit_integers: 0,
      date_time_output_format: 'iso',
      max_threads: 2,
    },
    log: { level: ClickHouseLogLevel.OFF },
  })
}

/** As the analyst, whose rights and limits ClickHouse keeps: what people write themselves goes through it, and nothing else. */
export function openAnalyst(address: AnalystAddress): ClickHouseClient {
  return createClient({
    url: address.clickhouseUrl,
    username: address.clickhouseAnalystUser,
    password: address.clickhouseAnalystPassword,
    database: address.clickhouseDatabase,
    request_timeout: 90 * SECOND,
    max_open_connections: 64, // who waits, waits in ClickHouse, which counts by asker
    keep_alive: { enabled: true, idle_socket_ttl: 2_500 },
    log: { level: ClickHouseLogLevel.OFF },
  })
}
