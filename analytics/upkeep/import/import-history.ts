import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ClickHouseClient } from '@clickhouse/client'
import { parse } from 'csv-parse'
import { messageOf, UsageError } from '#pipelines/kernel/errors.ts'
import type { Databases } from '../../tables/migrate.ts'
import { type Columns, columnsOf, lineOf } from './history-line.ts'

export interface ImportOptions {
  readonly currency: string
  readonly dayFirst: boolean
  /** Lines read so far. */
  readonly progress: (lines: number) => void
}

export interface Imported {
  /** Lines of this file that are stored, and lines that are no sale or cannot be read. */
  readonly lines: number
  readonly refused: number
  readonly orders: number
}

const CHUNK_LINES = 100_000

/**
 * Loads past orders from a CSV file with their own dates. Identity is the file's hash and the line: the same file again adds nothing, a
 * load that broke off is made whole.
 * @throws UsageError `CSV_FILE`, `CSV_COLUMNS`, `CSV_BROKEN`
 */
export async function importHistory(
  db: ClickHouseClient,
  { store }: Databases,
  file: string,
  { currency, dayFirst, progress }: ImportOptions,
): Promise<Imported> {
  const fileHash = await hashOf(file)
  let columns: Columns | undefined
  let [read, refused] = [0, 0]
  let chunk: string[] = []

  async function send() {
    const body = Readable.from([Buffer.from(chunk.join(''))], { objectMode: false })
    chunk = []
    const { stream } = await db.exec({
      query: `INSERT INTO ${store}.imported_lines FORMAT JSONCompactEachRow`,
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
          if (line) chunk.push(`${JSON.stringify([fileHash, info.lines, ...line])}\n`)
          else refused++
          if (chunk.length >= CHUNK_LINES) await send()
        }
      },
    )
  } catch (error) {
    if ((error as { code?: string }).code?.startsWith('CSV_') && !(error instanceof UsageError))
      throw new UsageError('CSV_BROKEN', `the file is not CSV: ${messageOf(error)}`)
    throw error
  }
  if (!columns) throw new UsageError('CSV_EMPTY', 'the file is empty')
  if (chunk.length > 0) await send()
  await foldOrders(db, store, fileHash)
  const answer = await db.query({
    query: `SELECT count() AS lines, uniqExact(invoice, customer_id) AS orders FROM ${store}.imported_lines FINAL WHERE file_hash = {hash:String}`,
    query_params: { hash: fileHash },
    format: 'JSONEachRow',
    clickhouse_settings: { output_format_json_quote_64bit_integers: 0 },
  })
  const [stored] = await answer.json<{ lines: number; orders: number }>()
  return { lines: stored?.lines ?? 0, orders: stored?.orders ?? 0, refused }
}

/** The orders of a file: one per invoice and customer, paid and shipped when it says. The id comes of the file's hash, so it is the same each time. */
async function foldOrders(db: ClickHouseClient, store: string, fileHash: string): Promise<void> {
  const total = 'sum(quantity * unit_price_minor)'
  const id = (text: string) => `reinterpretAsUUID(sipHash128(${text}))`
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
      (order_id, customer_id, channel, country, currency, total_minor, subtotal_minor, charged_minor, payment_succeeded_at, items, ${times.join(', ')})
      SELECT ${id('file_hash, invoice, customer_id')}, customer_id, 'REPLAY', any(country), any(currency), ${total}, ${total}, ${total}, min(at),
        arrayMap((item, n) -> (toInt32(n), item.1, item.2, item.3, '', '', item.4, toInt32(0), item.5),
          arraySort(item -> item.6, groupArray((${id("'imported', sku")}, sku, name, unit_price_minor, quantity, line))) AS sold, arrayEnumerate(sold)),
        ${times.map(() => 'min(at)').join(', ')}
      FROM ${store}.imported_lines FINAL WHERE file_hash = {hash:String} GROUP BY file_hash, invoice, customer_id`,
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
