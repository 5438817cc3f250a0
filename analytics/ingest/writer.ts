import { Readable } from 'node:stream'
import type { ClickHouseClient } from '@clickhouse/client'
import { failpoints } from '#pipelines/kernel/failpoint.ts'
import type { Databases } from '../tables/migrate.ts'
import type { Sealed } from './batch.ts'
import { isPartitioned } from './positions.ts'

/** Writes a flush to ClickHouse. */
export interface Writer {
  /**
   * Writes all of it, in steps whose order is the guarantee. It may be repeated after any failure.
   * @throws ClickHouseError when the database refuses; whatever the network throws when it is away
   */
  write(sealed: Sealed, signal: AbortSignal): Promise<void>
}

/** One insert is one block and one part, in the order given: should only a part of it land, it is a beginning without holes. */
const ONE_PART = {
  async_insert: 0,
  insert_deduplicate: 0,
  max_insert_threads: '1',
  max_threads: 1,
  max_insert_block_size: '4000000',
  min_insert_block_size_rows: '4000000',
  min_insert_block_size_bytes: '0',
  input_format_parallel_parsing: 0,
  // Rows of a flush are unique already, or the merge makes them so: folding them at insert would sort and compare for nothing.
  optimize_on_insert: 0,
} as const

/** What a table's points are called. */
const POINT = { dead_letters: 'dead', orders: 'orders', events: 'events' } as const

const ASK_AGAIN_MS = 10_000

/** Named, as two of them only serve to fill others. */
const DEAD_COLUMNS = '(topic, partition, offset, recorded_at, code, reason, key_base64, value_base64, headers)'

export function createWriter(db: ClickHouseClient, { store }: Databases): Writer {
  async function insert(
    table: keyof typeof POINT,
    { columns = '', format = 'Native' },
    chunks: readonly Buffer[],
    signal: AbortSignal,
  ) {
    if (failpoints) await failpoints.at(`ingest.${POINT[table]}.before`)
    const { stream } = await db.exec({
      query: `INSERT INTO ${store}.${table} ${columns} FORMAT ${format}`,
      values: Readable.from(chunks, { objectMode: false, highWaterMark: 1 << 20 }),
      clickhouse_settings: ONE_PART,
      abort_signal: signal,
    })
    for await (const _nothing of stream);
    if (failpoints) await failpoints.at(`ingest.${POINT[table]}.after`)
  }

  let asked: { readonly partitioned: boolean; readonly at: number } | undefined

  /** A rebuild may change it while the ingest runs. Known late, it costs reading again what was taken in since. */
  async function partitioned() {
    if (!asked || performance.now() - asked.at > ASK_AGAIN_MS)
      asked = { partitioned: await isPartitioned(db, { store }), at: performance.now() }
    return asked.partitioned
  }

  async function insertPositions(next: Sealed['next'], signal: AbortSignal) {
    const values = [...next].map(([place, next_offset]) => {
      const cut = place.lastIndexOf('/')
      return { topic: place.slice(0, cut), partition: Number(place.slice(cut + 1)), next_offset }
    })
    if (failpoints) await failpoints.at('ingest.position.before')
    await db.insert({ table: `${store}.positions`, values, format: 'JSONEachRow', abort_signal: signal })
    if (failpoints) await failpoints.at('ingest.position.after')
  }

  return {
    async write({ dead, orders, events, next }, signal) {
      if (failpoints) await failpoints.at('ingest.decoded.after')
      // 1. What could not be read. A crash here repeats the flush: the table keeps one row per (topic, partition, offset).
      if (dead) await insert('dead_letters', { columns: DEAD_COLUMNS, format: 'JSONEachRow' }, [dead], signal)
      // 2. The orders. A crash here repeats the flush: folding the same again changes nothing.
      if (orders.length > 0) await insert('orders', {}, orders, signal)
      // 3. The events, last: their greatest offset is the position, so it is never ahead of what the other tables have.
      await insert('events', {}, events, signal)
      // 4. Where the events have partitions an insert is several parts, and a crash may leave the last without the first: there the position is
      // a row, written now. A crash before it repeats the flush.
      if (await partitioned()) await insertPositions(next, signal)
    },
  }
}
