/** LZ4 blocks, as the format's description by Yann Collet has them. Node has zstd and gzip but no LZ4, which ClickHouse's clients ask for. */

const MIN_MATCH = 4
/** The last bytes are always literals. */
const LAST_LITERALS = 5
/** A match begins no later than this before the end. */
const MATCH_LIMIT = 12
const HASH_BITS = 14
const MOST_DISTANCE = 65_535

const table = new Int32Array(1 << HASH_BITS)

/** The most bytes that a block of so many can become. */
export function compressedBound(bytes: number): number {
  return bytes + Math.ceil(bytes / 255) + 16
}

/** Compresses the bytes as one block. */
export function compressBlock(source: Buffer): Buffer {
  const target = Buffer.allocUnsafe(compressedBound(source.length))
  table.fill(-1)
  let out = 0
  let anchor = 0
  let at = 0
  let misses = 0
  const end = source.length - MATCH_LIMIT
  while (at < end) {
    const word = source.readUInt32LE(at)
    const slot = Math.imul(word, 2_654_435_761) >>> (32 - HASH_BITS)
    const found = table[slot] as number
    table[slot] = at
    if (found < 0 || at - found > MOST_DISTANCE || source.readUInt32LE(found) !== word) {
      at += 1 + (misses++ >> 6) // the longer nothing repeats, the larger the steps
      continue
    }
    misses = 0
    let length = MIN_MATCH
    const most = source.length - LAST_LITERALS - at
    while (length < most && source[found + length] === source[at + length]) length++
    out = writeSequence(target, out, source, anchor, at, at - found, length)
    at += length
    anchor = at
  }
  return target.subarray(0, writeSequence(target, out, source, anchor, source.length, 0, 0))
}

/** Literals from `anchor` to `at`, then a match; without a distance it is the end. */
function writeSequence(
  target: Buffer,
  start: number,
  source: Buffer,
  anchor: number,
  at: number,
  distance: number,
  length: number,
): number {
  let out = start + 1
  const literals = at - anchor
  const extra = distance > 0 ? length - MIN_MATCH : 0
  target[start] = (Math.min(literals, 15) << 4) | Math.min(extra, 15)
  if (literals >= 15) out = writeLength(target, out, literals - 15)
  source.copy(target, out, anchor, at)
  out += literals
  if (distance === 0) return out
  out = target.writeUInt16LE(distance, out)
  return extra >= 15 ? writeLength(target, out, extra - 15) : out
}

function writeLength(target: Buffer, start: number, length: number): number {
  let out = start
  let left = length
  for (; left >= 255; left -= 255) target[out++] = 255
  target[out++] = left
  return out
}

/** Decompresses one block into `target` from `start`; what stands before may be referred to. Undefined when the block is damaged. */
export function decompressBlock(source: Uint8Array, target: Buffer, start = 0): number | undefined {
  let at = 0
  let out = start
  while (at < source.length) {
    const token = source[at++] as number
    let literals = token >> 4
    if (literals === 15)
      for (let more = 255; more === 255; literals += more) {
        if (at >= source.length) return undefined
        more = source[at++] as number
      }
    if (at + literals > source.length || out + literals > target.length) return undefined
    target.set(source.subarray(at, at + literals), out)
    at += literals
    out += literals
    if (at === source.length) return out
    if (at + 2 > source.length) return undefined
    const distance = (source[at] as number) | ((source[at + 1] as number) << 8)
    at += 2
    let length = (token & 15) + MIN_MATCH
    if (length === 15 + MIN_MATCH)
      for (let more = 255; more === 255; length += more) {
        if (at >= source.length) return undefined
        more = source[at++] as number
      }
    if (distance === 0 || distance > out || out + length > target.length) return undefined
    // Byte by byte where it overlaps itself: that is how runs are written.
    if (distance >= length) target.copyWithin(out, out - distance, out - distance + length)
    else for (let i = 0; i < length; i++) target[out + i] = target[out + i - distance] as number
    out += length
  }
  return undefined
}
