import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import { compressionsAlgorithms } from '@platformatic/kafka'
import { messageOf } from '#pipelines/kernel/errors.ts'
import { BatchCorrupt } from './batch-corrupt.ts'

/** A batch that unpacks to more is refused: a broker takes far less, and a damaged length must not take all memory. */
const MOST_BYTES = 256 * 1024 * 1024

/**
 * The records of a compressed batch: 1 gzip, 2 snappy (raw and with Java's xerial framing), 3 lz4 frames, 4 zstd.
 * @throws BatchCorrupt
 */
export function decompressed(algorithm: number, bytes: Buffer): Buffer {
  try {
    switch (algorithm) {
      case 1:
        return gunzipSync(bytes, { maxOutputLength: MOST_BYTES })
      case 2:
        return compressionsAlgorithms.snappy.decompressSync(bytes)
      case 3:
        return compressionsAlgorithms.lz4.decompressSync(bytes)
      case 4:
        return zstdDecompressSync(bytes, { maxOutputLength: MOST_BYTES })
    }
  } catch (error) {
    throw new BatchCorrupt(`it does not unpack (${messageOf(error)})`, { algorithm })
  }
  throw new BatchCorrupt('its compression is unknown', { algorithm })
}
