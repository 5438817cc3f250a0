import { Readable } from 'node:stream'
import { type ClickHouseClient, ClickHouseError } from '@clickhouse/client'
import { failpoints } from '#pipelines/kernel/failpoint.ts'
import type { Databases } from '../tables/migrate.ts'
import type { Entry } from './entry.ts'

/** Writes entries to ClickHouse. */
export interface Writer {
  /**
   * Writes all of them, in three steps whose order is the guarantee. It may be repeated after any failure.
   * @throws ClickHouseError when the database refuses; whatever the network throws when it is away
   */
  write(entries: readonly Entry[], signal: AbortSignal): Promise<void>
}

/** One insert is one block and one part, in the order given: should only a part of it land, it is a beginning without holes. */
const ONE_PART = {
  async_insert: 0,
  insert_deduplicate: 0,
  max_insert_threads: '1',
  max_insert_block_size: '4000000',
  min_insert_block_size_rows: '4000000',
  min_insert_block_size_bytes: '0',
  input_format_parallel_parsing: 0,
} as const

/** Named, as two of them only serve to fill others. */
const DEAD_COLUMNS = '(topic, partition, offset, recorded_at, code, reason, key_base64, value_base64, headers)'

export function createWriter(db: ClickHouseClient, { store }: Databases): Writer {
  async function insert(
    table: 'dead_letters' | 'orders' | 'events',
    rows: readonly string[],
    signal: AbortSignal,
    columns = '',
  ) {
    if (rows.length === 0) return
    if (failpoints && table !== 'dead_letters') await failpoints.at(`ingest.${table}.before`)
    const { stream } = await db.exec({
      query: `INSERT INTO ${store}.${table} ${columns} FORMAT JSONEachRow`,
      values: Readable.from([Buffer.from(rows.join('\n'))], { objectMode: false }),
      clickhouse_settings: ONE_PART,
      abort_signal: signal,
    })
    for await (const _nothing of stream);
    if (failpoints && table !== 'dead_letters') await failpoints.at(`ingest.${table}.after`)
  }
  const defined = (rows: readonly (string | undefined)[]) => rows.filter((row) => row !== undefined)

  return {
    async write(entries, signal) {
      // 1. What could not be read. A crash here repeats the flush: the table keeps one row per (topic, partition, offset).
      await insert('dead_letters', defined(entries.map(({ dead }) => dead)), signal, DEAD_COLUMNS)
      // 2. The orders. A crash here repeats the flush: folding the same again changes nothing.
      await insert('orders', defined(entries.map(({ order }) => order)), signal)
      // 3. The events, last: their greatest offset is the position, so it is never ahead of what the other tables have.
      await insert(
        'events',
        entries.map(({ event }) => event),
        signal,
      )
    },
  }
}

/**
 * Errors of ClickHouse that the same rows will meet for ever: values that no column can take. Not among them is what a cut connection, a
 * full disk or a damaged part can cause too (an early end of the input, 32 and 33): such a flush is repeated, never put aside.
 */
const DATA_ERRORS: ReadonlySet<string> = new Set([
  '6', // CANNOT_PARSE_TEXT
  '26', // CANNOT_PARSE_QUOTED_STRING
  '27', // CANNOT_PARSE_INPUT_ASSERTION_FAILED
  '38', // CANNOT_PARSE_DATE
  '41', // CANNOT_PARSE_DATETIME
  '53', // TYPE_MISMATCH
  '69', // ARGUMENT_OUT_OF_BOUND
  '70', // CANNOT_CONVERT_TYPE
  '72', // CANNOT_PARSE_NUMBER
  '117', // INCORRECT_DATA
  '131', // TOO_LARGE_STRING_SIZE
  '321', // VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE
  '349', // CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN
  '376', // CANNOT_PARSE_UUID
  '467', // CANNOT_PARSE_BOOL
  '691', // UNKNOWN_ELEMENT_OF_ENUM
])

/** Whether it is the rows that are refused, rather than the database being away or busy. */
export function refusesData(error: unknown): boolean {
  return error instanceof ClickHouseError && DATA_ERRORS.has(error.code)
}
