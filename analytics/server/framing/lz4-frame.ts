import { ServerError } from '../errors.ts'
import { compressBlock, decompressBlock } from './lz4.ts'
import { byteReader } from './reader.ts'

const MAGIC = 0x184d2204
/** What a later block of the same frame may refer to. */
const WINDOW = 65_536
const BLOCK_SIZES: Readonly<Record<number, number>> = { 4: 65_536, 5: 262_144, 6: 1_048_576, 7: 4_194_304 }

/** Magic number; version 1 with independent blocks, no checksums; blocks of up to 64 KiB; the second byte of xxHash32 of those two bytes. */
const HEAD = Buffer.from([0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82])
const END = Buffer.alloc(4)
const STORED = 0x8000_0000

const damaged = () => new ServerError(271, 'CANNOT_DECOMPRESS', 'the body is no LZ4 frame, or a damaged one')

/** Compresses as one LZ4 frame (`Content-Encoding: lz4`); each piece that comes in goes out at once. */
export async function* encodeLz4Frame(body: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  yield HEAD
  for await (const chunk of body) {
    const data = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    for (let at = 0; at < data.length; at += WINDOW) {
      const piece = data.subarray(at, at + WINDOW)
      const compressed = compressBlock(piece)
      const smaller = compressed.length < piece.length
      const size = Buffer.alloc(4)
      size.writeUInt32LE(smaller ? compressed.length : piece.length + STORED)
      yield Buffer.concat([size, smaller ? compressed : piece])
    }
  }
  yield END
}

/**
 * Decompresses LZ4 frames, one behind the other (`Content-Encoding: lz4`). Checksums (xxHash) are not compared: TCP has its own.
 * @throws ServerError `CANNOT_DECOMPRESS`
 */
export async function* decodeLz4Frames(body: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  const reader = byteReader(body, damaged)
  while (!(await reader.atEnd())) {
    if ((await reader.take(4)).readUInt32LE() !== MAGIC) throw damaged()
    const [flags = 0, sizes = 0] = await reader.take(2)
    const blockSize = BLOCK_SIZES[(sizes >> 4) & 7]
    if (flags >> 6 !== 1 || blockSize === undefined || (flags & 1) === 1) throw damaged() // a version, a size, a dictionary that nobody sends
    await reader.take((flags & 8 ? 8 : 0) + 1)
    const independent = (flags & 0x20) !== 0
    const blockChecksum = flags & 0x10 ? 4 : 0
    let window: Buffer = Buffer.alloc(0)
    for (;;) {
      const word = (await reader.take(4)).readUInt32LE()
      if (word === 0) break
      const size = word & 0x7fff_ffff
      if (size > blockSize) throw damaged()
      const data = await reader.take(size)
      await reader.take(blockChecksum)
      if (word >= STORED) {
        window = keep(window, data)
        yield data
        continue
      }
      const before = independent ? 0 : window.length
      const target = Buffer.allocUnsafe(before + blockSize)
      if (before > 0) window.copy(target)
      const end = decompressBlock(data, target, before)
      if (end === undefined) throw damaged()
      if (!independent) window = keep(Buffer.alloc(0), target.subarray(0, end))
      yield target.subarray(before, end)
    }
    if (flags & 4) await reader.take(4)
  }
}

function keep(before: Buffer, after: Buffer): Buffer {
  const whole = after.length >= WINDOW ? after : Buffer.concat([before, after])
  return Buffer.from(whole.subarray(Math.max(0, whole.length - WINDOW)))
}
