import type { ServerResponse } from 'node:http'
import type { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { constants, createBrotliCompress, createDeflate, createGzip, createZstdCompress } from 'node:zlib'
import type { AnswerEncoding, Call } from './call.ts'
import { errorText, type ServerError, statusOf, toServerError } from './errors.ts'
import { encodeBlocks } from './framing/blocks.ts'
import { encodeLz4Frame } from './framing/lz4-frame.ts'

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
  readonly resultRows: number
  readonly resultBytes: number
  readonly elapsedMs: number
}

export const EMPTY_SUMMARY: Summary = {
  readRows: 0,
  readBytes: 0,
  writtenRows: 0,
  writtenBytes: 0,
  resultRows: 0,
  resultBytes: 0,
  elapsedMs: 0,
}

function summaryHeader(summary: Summary): string {
  const { readRows, readBytes, writtenRows, writtenBytes, resultRows, resultBytes, elapsedMs } = summary
  return JSON.stringify({
    read_rows: String(readRows),
    read_bytes: String(readBytes),
    written_rows: String(writtenRows),
    written_bytes: String(writtenBytes),
    total_rows_to_read: '0',
    result_rows: String(resultRows),
    result_bytes: String(resultBytes),
    elapsed_ns: String(Math.round(elapsedMs * 1e6)),
  })
}

function head(response: ServerResponse, queryId: string) {
  response.setHeader('X-ClickHouse-Query-Id', queryId)
  response.setHeader('X-ClickHouse-Server-Display-Name', 'eshop-embedded')
  response.setHeader('X-ClickHouse-Timezone', 'UTC')
}

type Encoder = Transform | typeof encodeLz4Frame

/** Quick rather than small: both ends are often on one machine. */
const ENCODERS: Readonly<Record<AnswerEncoding, () => Encoder>> = {
  lz4: () => encodeLz4Frame,
  zstd: () => createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: 1 } }),
  gzip: () => createGzip({ level: 3 }),
  br: () => createBrotliCompress({ params: { [constants.BROTLI_PARAM_QUALITY]: 2 } }),
  deflate: () => createDeflate({ level: 3 }),
}

/** What an answer consists of. */
export interface Answer {
  readonly blocks: AsyncIterable<Uint8Array>
  readonly format: string
  readonly summary: Summary
}

/** What an error says beside itself. */
export interface Told {
  readonly version: string
  /** Marks an error that comes after the first byte. */
  readonly tag: string
  /** A path of ours that no message may name. */
  readonly hidden: string
}

/** Answers with blocks as they come, at the pace of the client. An error that comes after the first byte is told within the answer. */
export async function sendBlocks(response: ServerResponse, call: Call, answer: Answer, told: Told): Promise<void> {
  const { format, summary } = answer
  head(response, call.queryId)
  response.setHeader('X-ClickHouse-Format', format)
  response.setHeader('X-ClickHouse-Summary', summaryHeader(summary))
  response.setHeader('X-ClickHouse-Exception-Tag', told.tag)
  response.setHeader('Content-Type', contentTypeOf(format))
  const ending = withError(answer.blocks, told)
  const blocks = call.framedAnswer ? encodeBlocks(ending) : ending
  if (call.answerEncoding) {
    response.setHeader('Content-Encoding', call.answerEncoding)
    await pipeline(blocks, ENCODERS[call.answerEncoding](), response)
    return
  }
  for await (const block of blocks) {
    if (response.destroyed) return
    if (!response.write(block)) await drained(response)
  }
  response.end()
}

/** The blocks, and at their end the error that broke them off, in the form that drivers look for. */
async function* withError(
  blocks: AsyncIterable<Uint8Array>,
  { version, tag, hidden }: Told,
): AsyncGenerator<Uint8Array> {
  try {
    yield* blocks
  } catch (error) {
    const text = errorText(toServerError(error, hidden), version)
    yield Buffer.from(`\r\n__exception__\r\n${tag}\r\n${text}${Buffer.byteLength(text)} ${tag}\r\n__exception__\r\n`)
  }
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

/** Answers with an error that came before the first byte. After it the connection is cut, as nothing else can be said any more. */
export function sendError(
  response: ServerResponse,
  error: ServerError,
  { queryId, version }: { queryId: string; version: string },
) {
  if (response.headersSent) response.destroy()
  if (response.destroyed) return
  for (const name of response.getHeaderNames()) response.removeHeader(name)
  head(response, queryId)
  response.setHeader('X-ClickHouse-Exception-Code', String(error.number))
  response.setHeader('Content-Type', 'text/plain; charset=UTF-8')
  if (error.number === 194 || error.number === 516) response.setHeader('WWW-Authenticate', 'Basic realm="ClickHouse"')
  if (error.number === 202) response.setHeader('Retry-After', '1')
  response.writeHead(statusOf(error)).end(errorText(error, version))
}
