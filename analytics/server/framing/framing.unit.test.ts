import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { decodeBlocks, encodeBlocks } from './blocks.ts'
import { cityHash128 } from './city-hash.ts'
import { compressBlock, decompressBlock } from './lz4.ts'
import { decodeLz4Frames, encodeLz4Frame } from './lz4-frame.ts'

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}
async function collected(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of source) chunks.push(chunk)
  return Buffer.concat(chunks)
}
/** Bytes that repeat themselves here and there, as rows do. */
const someBytes = fc
  .array(fc.tuple(fc.uint8Array({ maxLength: 60 }), fc.nat({ max: 40 })), { maxLength: 40 })
  .map((parts) => Buffer.concat(parts.flatMap(([bytes, times]) => Array<Uint8Array>(times).fill(bytes))))

it('hashes as ClickHouse does', () => {
  // The value for no bytes; interface.int.test.ts compares with what the engine wrote under blocks of every size.
  expect(cityHash128(Buffer.from('')).map((word) => word.toString(16))).toEqual([
    '3df09dfc64c09a2b',
    '3cb540c392e51e29',
  ])
})

it('compresses and decompresses LZ4 blocks, whatever is in them', () => {
  fc.assert(
    fc.property(someBytes, (data) => {
      const target = Buffer.alloc(data.length)
      expect(decompressBlock(compressBlock(data), target)).toBe(data.length)
      expect(target.equals(data)).toBe(true)
    }),
  )
})

it('makes repeating data smaller and random data hardly larger', () => {
  const rows = Buffer.from(Array.from({ length: 2000 }, (_, n) => `{"id":${n},"status":"Shipped"}\n`).join(''))
  expect(compressBlock(rows).length).toBeLessThan(rows.length / 3)
  const noise = Buffer.from(Uint8Array.from({ length: 10_000 }, (_, n) => Math.imul(n + 1, 2_654_435_761) >>> 13))
  expect(compressBlock(noise).length).toBeLessThan(noise.length * 1.01 + 16)
})

it('survives damaged LZ4 blocks', () => {
  fc.assert(
    fc.property(someBytes, fc.nat(), fc.nat({ max: 255 }), (data, at, value) => {
      const block = Buffer.from(compressBlock(data))
      block[at % block.length] = value
      const end = decompressBlock(block, Buffer.alloc(data.length))
      expect(end === undefined || end <= data.length).toBe(true)
    }),
  )
})

it('frames blocks with checksums, in pieces of any size', async () => {
  await fc.assert(
    fc.asyncProperty(someBytes, fc.integer({ min: 1, max: 3000 }), async (data, size) => {
      const framed = await collected(encodeBlocks(pieces(data, size)))
      expect((await collected(decodeBlocks(pieces(framed, size)))).equals(data)).toBe(true)
    }),
    { numRuns: 50 },
  )
})

it('refuses blocks whose checksum or size is wrong, or that break off', async () => {
  const framed = await collected(encodeBlocks(pieces(Buffer.from('one two three'), 100)))
  const flipped = Buffer.from(framed)
  flipped[30] = (flipped[30] as number) ^ 1
  await expect(collected(decodeBlocks(pieces(flipped, 100)))).rejects.toMatchObject({ code: 'CHECKSUM_DOESNT_MATCH' })
  await expect(collected(decodeBlocks(pieces(framed.subarray(0, 20), 100)))).rejects.toMatchObject({
    code: 'CANNOT_DECOMPRESS',
  })
  const huge = Buffer.from(framed)
  huge.writeUInt32LE(0xffff_ffff, 17)
  await expect(collected(decodeBlocks(pieces(huge, 100)))).rejects.toMatchObject({ code: 'CANNOT_DECOMPRESS' })
})

it.each(['linked', 'independent', 'several', 'sized'])(
  'reads LZ4 frames as the reference library writes them: %s',
  async (name) => {
    const frame = readFileSync(new URL(`../testing/frames/${name}.lz4`, import.meta.url))
    const text = Array.from({ length: 30_000 }, (_, n) => `${n % 7},row ${n % 11}${'x'.repeat(n % 3)}\n`).join('')
    for (const size of [7, 1000, 1_000_000])
      expect((await collected(decodeLz4Frames(pieces(frame, size)))).equals(Buffer.from(text))).toBe(true)
  },
)

it('writes LZ4 frames', async () => {
  await fc.assert(
    fc.asyncProperty(someBytes, fc.integer({ min: 1, max: 100_000 }), async (data, size) => {
      const frame = await collected(encodeLz4Frame(pieces(data, size)))
      expect((await collected(decodeLz4Frames(pieces(frame, 1000)))).equals(data)).toBe(true)
    }),
    { numRuns: 50 },
  )
})

it('refuses what is no LZ4 frame', async () => {
  await expect(collected(decodeLz4Frames(pieces(Buffer.from('hello, world'), 5)))).rejects.toMatchObject({
    code: 'CANNOT_DECOMPRESS',
  })
  const frame = readFileSync(new URL('../testing/frames/linked.lz4', import.meta.url))
  await expect(collected(decodeLz4Frames(pieces(frame.subarray(0, 2000), 999)))).rejects.toMatchObject({
    code: 'CANNOT_DECOMPRESS',
  })
})
