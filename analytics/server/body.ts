import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib'
import { notImplemented, ServerError } from './errors.ts'
import { decodeBlocks } from './framing/blocks.ts'
import { decodeLz4Frames } from './framing/lz4-frame.ts'

/** How much of a body is looked at to tell where the statement ends and the rows begin. */
const HEAD_BYTES = 256 * 1024
/** The longest statement without rows of its own. */
const MAX_STATEMENT_BYTES = 64 * 1024 * 1024

/** Encodings that the engine reads by itself from a file, by their HTTP name. */
export const ENGINE_COMPRESSION: Readonly<Record<string, string>> = {
  gzip: 'gzip',
  deflate: 'deflate',
  br: 'br',
  zstd: 'zstd',
  lz4: 'lz4',
  xz: 'xz',
  bz2: 'bz2',
  snappy: 'snappy',
}

/** The body as it was before its encoding over HTTP, and before ClickHouse's own blocks. */
export function decoded(request: IncomingMessage, encoding: string | undefined, framed: boolean): Readable {
  const plain = withoutEncoding(request, encoding)
  return framed ? Readable.from(decodeBlocks(plain)) : plain
}

function withoutEncoding(request: IncomingMessage, encoding: string | undefined): Readable {
  if (encoding === 'lz4') return Readable.from(decodeLz4Frames(request))
  const decoder =
    encoding === 'gzip'
      ? createGunzip()
      : encoding === 'deflate'
        ? createInflate()
        : encoding === 'br'
          ? createBrotliDecompress()
          : encoding === 'zstd'
            ? createZstdDecompress()
            : undefined
  if (encoding === undefined) return request
  if (!decoder)
    throw notImplemented(`a statement cannot be encoded as ${encoding}: use gzip, zstd or lz4, or put it into the URL`)
  request.on('error', (error) => decoder.destroy(error))
  return request.pipe(decoder)
}

/** A body read as far as needed to see what it is. */
export interface Opened {
  readonly head: Buffer
  /** What follows the head; nothing when the body ended in it. */
  readonly rest: AsyncIterable<Uint8Array>
  readonly ended: boolean
}

export async function openBody(stream: Readable): Promise<Opened> {
  const chunks: Buffer[] = []
  let bytes = 0
  const iterator = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>
  while (bytes < HEAD_BYTES) {
    const next = await iterator.next()
    if (next.done) return { head: Buffer.concat(chunks), rest: nothing(), ended: true }
    chunks.push(next.value)
    bytes += next.value.length
  }
  return { head: Buffer.concat(chunks), rest: { [Symbol.asyncIterator]: () => iterator }, ended: false }
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

/** @throws ServerError `TOO_MANY_BYTES` */
export async function readAll({ head, rest }: Opened): Promise<string> {
  const chunks: Uint8Array[] = [head]
  let bytes = head.length
  for await (const chunk of rest) {
    bytes += chunk.length
    if (bytes > MAX_STATEMENT_BYTES)
      throw new ServerError(307, 'TOO_MANY_BYTES', `the statement is larger than ${MAX_STATEMENT_BYTES} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}
