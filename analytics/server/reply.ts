import type { ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import type { Call } from './call.ts'
import { errorText, type ServerError, statusOf } from './errors.ts'

const CONTENT_TYPES: readonly (readonly [RegExp, string])[] = [
  [/EachRow|^JSONLines|^NDJSON/i, 'application/x-ndjson; charset=UTF-8'],
  [/^JSON/i, 'application/json; charset=UTF-8'],
  [/^CSV/i, 'text/csv; charset=UTF-8; header=absent'],
  [/^(TSV|TabSeparated)/i, 'text/tab-separated-values; charset=UTF-8'],
  [/^(Native|RowBinary|Parquet|Arrow|ORC|Avro|MsgPack)/i, 'application/octet-stream'],
  [/^XML/i, 'application/xml; charset=UTF-8'],
]

function contentTypeOf(format: string): string {
  return CONTENT_TYPES.find(([pattern]) => pattern.test(format))?.[1] ?? 'text/plain; charset=UTF-8'
}

/** What a statement read and wrote, as the header `X-ClickHouse-Summary` tells it: numbers in text. */
export interface Summary {
  readonly readRows: number
  readonly readBytes: number
  readonly writtenRows: number
  readonly writtenBytes: number
  readonly elapsedMs: number
}

export const EMPTY_SUMMARY: Summary = { readRows: 0, readBytes: 0, writtenRows: 0, writtenBytes: 0, elapsedMs: 0 }

function summaryHeader(summary: Summary): string {
  const { readRows, readBytes, writtenRows, writtenBytes, elapsedMs } = summary
  return JSON.stringify({
    read_rows: String(readRows),
    read_bytes: String(readBytes),
    written_rows: String(writtenRows),
    written_bytes: String(writtenBytes),
    total_rows_to_read: '0',
    result_rows: '0',
    result_bytes: '0',
    elapsed_ns: String(Math.round(elapsedMs * 1e6)),
  })
}

function head(response: ServerResponse, queryId: string) {
  response.setHeader('X-ClickHouse-Query-Id', queryId)
  response.setHeader('X-ClickHouse-Server-Display-Name', 'eshop-embedded')
  response.setHeader('X-ClickHouse-Timezone', 'UTC')
}

/** Answers with blocks as they come, at the pace of the client. `tag` marks an error that comes after the first byte. */
export async function sendBlocks(
  response: ServerResponse,
  call: Call,
  {
    blocks,
    format,
    summary,
    tag,
  }: { blocks: AsyncIterable<Uint8Array>; format: string; summary: Summary; tag: string },
): Promise<void> {
  head(response, call.queryId)
  response.setHeader('X-ClickHouse-Format', format)
  response.setHeader('X-ClickHouse-Summary', summaryHeader(summary))
  response.setHeader('X-ClickHouse-Exception-Tag', tag)
  response.setHeader('Content-Type', contentTypeOf(format))
  if (call.gzipAnswer) {
    response.setHeader('Content-Encoding', 'gzip')
    await pipeline(blocks, createGzip({ level: 3 }), response)
    return
  }
  for await (const block of blocks) {
    if (response.destroyed) return
    if (!response.write(block)) await drained(response)
  }
  response.end()
}

/** A client that takes nothing for this long is gone: its statement holds a place that others wait for. */
const STALLED_MS = 120_000

async function drained(response: ServerResponse) {
  if (response.destroyed) return
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(() => response.destroy(), STALLED_MS)
  response.once('drain', resolve)
  response.once('close', resolve)
  await promise
  clearTimeout(timer)
  response.off('drain', resolve)
  response.off('close', resolve)
}

/** Answers with an error; when the answer has begun, at its end in the form that drivers look for. */
export function sendError(
  response: ServerResponse,
  error: ServerError,
  { queryId, version, tag }: { queryId: string; version: string; tag: string },
) {
  if (response.destroyed) return
  const text = errorText(error, version)
  if (!response.headersSent) {
    for (const name of response.getHeaderNames()) response.removeHeader(name)
    head(response, queryId)
    response.setHeader('X-ClickHouse-Exception-Code', String(error.number))
    response.setHeader('Content-Type', 'text/plain; charset=UTF-8')
    if (error.number === 194 || error.number === 516) response.setHeader('WWW-Authenticate', 'Basic realm="ClickHouse"')
    response.writeHead(statusOf(error)).end(text)
    return
  }
  if (response.hasHeader('Content-Encoding')) {
    response.destroy() // nothing readable can be added to a gzip stream
    return
  }
  response.end(`\r\n__exception__\r\n${tag}\r\n${text}${Buffer.byteLength(text)} ${tag}\r\n__exception__\r\n`)
}
