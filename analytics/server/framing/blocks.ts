import { zstdDecompressSync } from 'node:zlib'
import { ServerError } from '../errors.ts'
import { cityHash128 } from './city-hash.ts'
import { compressBlock, decompressBlock } from './lz4.ts'
import { byteReader } from './reader.ts'

/**
 * ClickHouse's own compression (`compress=1`, `decompress=1`), block by block: 16 bytes of CityHash128 over the rest, one of the method, four of
 * the rest's size but the hash, four of the size decompressed, the data.
 */
const METHODS = { none: 0x02, lz4: 0x82, zstd: 0x90 } as const
const HASH_BYTES = 16
const HEAD_BYTES = 9
/** The size of the server's own blocks. */
const BLOCK_BYTES = 1024 * 1024
/** More than any client writes; a damaged size would ask for all memory. */
const MOST_BYTES = 128 * 1024 * 1024

const damaged = (why: string) =>
  new ServerError(271, 'CANNOT_DECOMPRESS', `the body is not what decompress=1 means: ${why}`)

function framed(data: Buffer): Buffer {
  const compressed = compressBlock(data)
  const block = Buffer.allocUnsafe(HASH_BYTES + HEAD_BYTES + compressed.length)
  block[HASH_BYTES] = METHODS.lz4
  block.writeUInt32LE(HEAD_BYTES + compressed.length, HASH_BYTES + 1)
  block.writeUInt32LE(data.length, HASH_BYTES + 5)
  compressed.copy(block, HASH_BYTES + HEAD_BYTES)
  const [low, high] = cityHash128(block.subarray(HASH_BYTES))
  block.writeBigUInt64LE(low, 0)
  block.writeBigUInt64LE(high, 8)
  return block
}

/** Compresses with LZ4, as every client understands that. What comes in is passed on at once: each piece is a block, or several. */
export async function* encodeBlocks(body: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  for await (const chunk of body) {
    const data = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    for (let at = 0; at < data.length; at += BLOCK_BYTES) yield framed(data.subarray(at, at + BLOCK_BYTES))
  }
}

/** One message as blocks: an error, which clients decompress as they do rows. */
export function encodeMessage(text: string): Buffer {
  return framed(Buffer.from(text))
}

/** @throws ServerError `CHECKSUM_DOESNT_MATCH`, `CANNOT_DECOMPRESS` */
export async function* decodeBlocks(body: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  const reader = byteReader(body, () => damaged('it breaks off'))
  while (!(await reader.atEnd())) {
    const head = Buffer.from(await reader.take(HASH_BYTES + HEAD_BYTES))
    const method = head[HASH_BYTES]
    const size = head.readUInt32LE(HASH_BYTES + 1)
    const length = head.readUInt32LE(HASH_BYTES + 5)
    if (size < HEAD_BYTES || size > MOST_BYTES || length > MOST_BYTES) throw damaged('a block has an impossible size')
    const data = await reader.take(size - HEAD_BYTES)
    const [low, high] = cityHash128(Buffer.concat([head.subarray(HASH_BYTES), data]))
    if (low !== head.readBigUInt64LE(0) || high !== head.readBigUInt64LE(8))
      throw new ServerError(40, 'CHECKSUM_DOESNT_MATCH', 'the checksum of a compressed block is wrong')
    yield opened(method, data, length)
  }
}

function opened(method: number | undefined, data: Buffer, length: number): Buffer {
  switch (method) {
    case METHODS.none:
      return data
    case METHODS.lz4: {
      const target = Buffer.allocUnsafe(length)
      if (decompressBlock(data, target) !== length) throw damaged('a block is damaged')
      return target
    }
    case METHODS.zstd:
      return zstdDecompressSync(data, { maxOutputLength: length })
    default:
      throw damaged('a block is compressed with neither LZ4 nor ZSTD')
  }
}
