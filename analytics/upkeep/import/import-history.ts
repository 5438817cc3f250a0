import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ClickHouseClient } from '@clickhouse/client'
import { CsvError, parse } from 'csv-parse'
import { messageOf, UsageError } from '#pipelines/kernel/errors.ts'
import type { Databases } from '../../tables/migrate.ts'
import { eraseAgain } from '../erase.ts'
import { type Columns, columnsOf, lineOf, type Refusal } from './history-line.ts'

export interface ImportOptions {
  readonly currency: string
  readonly dayFirst: boolean
  /** Lines read so far. */
  readonly progress: (lines: number) => void
  /** Lines that are stored at once. */
  readonly chunkLines?: number
}

export interface Imported {
  /** Lines of this file that are stored, and lines that are no sale or cannot be read. */
  readonly lines: number
  readonly refused: ReadonlyMap<Refusal, number>
  readonly orders: number
}

const CHUNK_LINES = 100_000
const LINE_COLUMNS =
  'file_hash, line, invoice, customer_id, sku, name, quantity, unit_price_minor, currency, at, country'

/**
 * Loads past orders from a CSV file with their own dates. Identity is the file's hash and the line: the same file again adds nothing, a
 * load that broke off is made whole.
 * @throws UsageError `CSV_FILE`, `CSV_COLUMNS`, `CSV_BROKEN`, `CSV_EMPTY`, `CURRENCY_UNKNOWN`
 */
export async function importHistory(
  db: ClickHouseClient,
  databases: Databases,
  file: string,
  { currency, dayFirst, progress, chunkLines = CHUNK_LINES }: ImportOptions,
): Promise<Imported> {
  const { store } = databases
  if (!/^[A-Z]{3}$/.test(currency))
    throw new UsageError('CURRENCY_UNKNOWN', `${currency} is no currency: it takes an ISO 4217 code like GBP`)
  const fileHash = await hashOf(file)
  let columns: Columns | undefined
  let read = 0
  const refused = new Map<Refusal, number>()
  let chunk: string[] = []

  async function send() {
    const body = Readable.from([Buffer.from(chunk.join(''))], { objectMode: false })
    chunk = []
    const { stream } = await db.exec({
      query: `INSERT INTO ${store}.imported_lines (${LINE_COLUMNS}) FORMAT JSONCompactEachRow`,
      values: body,
    })
    for await (const _nothing of stream);
    progress(read)
  }

  try {
    await pipeline(
      createReadStream(file, { highWaterMark: 1 << 20 }),
      parse({ bom: true, relax_column_count: true, skip_empty_lines: true, info: true }),
      async (records: AsyncIterable<{ record: string[]; info: { lines: number } }>) => {
        for await (const { record, info } of records) {
          if (!columns) {
            columns = columnsOf(record)
            continue
          }
          read++
          const line = lineOf(record, columns, { currency, dayFirst })
          if (typeof line === 'string') refused.set(line, (refused.get(line) ?? 0) + 1)
          else chunk.push(`${JSON.stringify([fileHash, info.lines, ...line])}\n`)
          if (chunk.length >= chunkLines) await send()
        }
      },
    )
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    // Its message repeats what stands there, which may be anything.
    const why = error.code.replace(/^CSV_/, '').toLowerCase().replaceAll('_', ' ')
    throw new UsageError('CSV_BROKEN', `the file is not CSV: ${why} at line ${error.lines}. Nothing of it is shown`)
  }
  if (!columns) throw new UsageError('CSV_EMPTY', 'the file is empty')
  if (chunk.length > 0) await send()
  await foldOrders(db, store, fileHash)
  await eraseAgain(db, databases)
  const answer = await db.query({
    query: `SELECT count() AS lines, uniqExact(invoice, customer_id) AS orders FROM ${store}.imported_lines FINAL WHERE file_hash = {hash:String}`,
    query_params: { hash: fileHash },
    format: 'JSONEachRow',
    clickhouse_settings: { output_format_json_quote_64bit_integers: 0 },
  })
  const [stored] = await answer.json<{ lines: number; orders: number }>()
  return { lines: stored?.lines ?? 0, orders: stored?.orders ?? 0, refused }
}

/**
 * The orders of a file: one per invoice and customer, paid and shipped when it says. An id is a UUIDv7 like all others': its time is the
 * order's, the rest a hash of file and invoice, so it is the same each time.
 */
async function foldOrders(db: ClickHouseClient, store: string, fileHash: string): Promise<void> {
  const id =
    "toUUID(concat(substring(ms, 5, 8), '-', substring(ms, 13, 4), '-7', substring(hash, 1, 3), '-8', substring(hash, 4, 3), '-', substring(hash, 7, 12)))"
  const times = [
    'first_event_at',
    'last_event_at',
    'checked_out_at',
    'placed_at',
    'started_at',
    'submitted_at',
    'paid_at',
    'shipped_at',
  ]
  await db.command({
    query: `INSERT INTO ${store}.imported_orders
      (order_id, customer_id, channel, country, currency, total_minor, subtotal_minor, charged_minor, payment_succeeded_at, items, imported_at, ${times.join(', ')})
      SELECT ${id}, customer_id, 'REPLAY', country, currency, total, total, total, at, items, imported_at, ${times.map(() => 'at').join(', ')}
      FROM (
        SELECT customer_id, any(line.country) AS country, any(line.currency) AS currency, sum(quantity * unit_price_minor) AS total,
          min(line.at) AS at, max(line.imported_at) AS imported_at,
          lower(hex(sipHash128(file_hash, invoice, customer_id))) AS hash,
          leftPad(lower(hex(toUInt64(greatest(0, toUnixTimestamp64Milli(min(line.at)))))), 16, '0') AS ms,
          arrayMap((item, n) -> (toInt32(n), item.1, item.2, item.3, '', '', item.4, toInt32(0), item.5),
            arraySort(item -> item.6, groupArray((reinterpretAsUUID(sipHash128('imported', sku)), sku, name, unit_price_minor, quantity, line))) AS sold,
            arrayEnumerate(sold)) AS items
        FROM ${store}.imported_lines AS line FINAL WHERE file_hash = {hash:String} GROUP BY file_hash, invoice, customer_id)`,
    query_params: { hash: fileHash },
  })
}

async function hashOf(file: string): Promise<string> {
  const hash = createHash('sha256')
  try {
    await pipeline(createReadStream(file), hash)
  } catch (error) {
    throw new UsageError('CSV_FILE', `cannot read ${file}: ${messageOf(error)}`)
  }
  return hash.digest('hex')
}
