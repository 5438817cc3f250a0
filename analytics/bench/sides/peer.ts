import type { ClickHouseClient } from '@clickhouse/client'
import type { EventType } from '#schemas/generated/events.ts'
import { snakeCase } from '../../tables/avro.ts'
import { columnsOfEvents } from '../../tables/columns.ts'
import type { Databases } from '../../tables/migrate.ts'
import { orderSourcesOf } from '../../tables/order-sources.ts'

export interface PeerOptions {
  readonly db: ClickHouseClient
  readonly databases: Databases
  readonly broker: string
  readonly registryUrl: string
  readonly topicOf: (type: EventType) => string
  readonly types: readonly EventType[]
  readonly consumers: number
  readonly join: boolean
}

/** Tuples are converted by name, and ours have other names than the fields: by way of tuples without names they go by place. */
function placed(field: string | undefined, type: string): string {
  if (!type.startsWith('Array(Tuple(')) return `${field}`
  const bare = type.replace(/([(,] ?)[a-z_]+ (?=[A-Z])/g, '$1')
  return `CAST(${field}, '${bare.replaceAll("'", "\\'")}')`
}

const camelCase = (name: string) => name.replace(/_([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase())

/**
 * The peer: ClickHouse's own Kafka engine with AvroConfluent, one table per topic, and materialized views into the very tables that we
 * fill: `events`, and `orders` by the same sources. Tuned as its users do: a block every 0.5 s or 65,536 rows.
 */
export async function startPeer(options: PeerOptions): Promise<void> {
  const { db, databases, broker, registryUrl, topicOf, types, consumers, join } = options
  const { store } = databases
  const run = (query: string) => db.command({ query })
  for (const type of types) {
    const columns = [
      { field: 'eventId', name: 'event_id', ownType: 'UUID' },
      { field: 'occurredAt', name: 'occurred_at', ownType: "DateTime64(3, 'UTC')" },
      ...(columnsOfEvents().get(type) ?? []),
    ]
    const kafka = `${store}.kafka_${snakeCase(type)}`
    await run(`CREATE TABLE ${kafka} (${columns.map(({ field, ownType }) => `${field} ${camelCase(ownType)}`).join(', ')})
      ENGINE = Kafka SETTINGS kafka_broker_list = '${broker}', kafka_topic_list = '${topicOf(type)}', kafka_group_name = '${store}_${type}',
      kafka_format = 'AvroConfluent', kafka_num_consumers = ${consumers}, kafka_flush_interval_ms = 500, kafka_max_block_size = 65536,
      kafka_thread_per_consumer = ${consumers > 1 ? 1 : 0}, kafka_handle_error_mode = 'stream',
      format_avro_schema_registry_url = '${registryUrl}', input_format_avro_allow_missing_fields = 1`)
    // The order's view first, so that it is there when the first block comes.
    const sources = join ? orderSourcesOf(type) : undefined
    const fieldOf = new Map(columns.map(({ name, field, ownType }) => [name, placed(field, ownType)]))
    if (sources) {
      const list = Object.entries(sources).map(([column, from]) => `${fieldOf.get(from)} AS ${column}`)
      await run(`CREATE MATERIALIZED VIEW ${store}.to_orders_${snakeCase(type)} TO ${store}.orders AS
        SELECT orderId AS order_id, ${list.join(', ')} FROM ${kafka} WHERE length(_error) = 0`)
    }
    await run(`CREATE MATERIALIZED VIEW ${store}.to_dead_${snakeCase(type)} TO ${store}.dead_letters AS
      SELECT _topic AS topic, toInt32(_partition) AS partition, toInt64(_offset) AS offset, _timestamp_ms AS recorded_at,
        'REFUSED' AS code, _error AS reason FROM ${kafka} WHERE length(_error) > 0`)
    // Fields of a record that was refused are defaults already.
    const own = columns.map(({ name, field, ownType }) => `${placed(field, ownType)} AS ${name}`)
    await run(`CREATE MATERIALIZED VIEW ${store}.to_events_${snakeCase(type)} TO ${store}.events AS
      SELECT _topic AS topic, toInt32(_partition) AS partition, toInt64(_offset) AS offset,
        if(length(_error) = 0, '${type}', 'DeadLetter') AS type, _timestamp_ms AS recorded_at, ${own.join(', ')} FROM ${kafka}`)
  }
}
