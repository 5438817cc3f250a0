/**
 * What compiled decoders call for values that take more than a few instructions. `at` is where the value ended; one decoder runs at a
 * time, so it may stand here.
 */
export const wire = {
  at: 0,

  /** A long of more than one byte (zigzag varint). NaN beyond 2^53, where a number would lose digits. */
  long(bytes: Uint8Array, start: number): number {
    let pos = start
    let low = 0
    let shift = 0
    let byte: number
    do {
      byte = bytes[pos++] ?? 0
      low |= (byte & 0x7f) << shift
      shift += 7
    } while (byte & 0x80 && shift < 28)
    if (!(byte & 0x80)) {
      wire.at = pos
      return (low >>> 1) ^ -(low & 1)
    }
    // The low 28 bits and the rest stay apart, so that no digit is lost before the zigzag is undone.
    let high = 0
    let factor = 1
    do {
      byte = bytes[pos++] ?? 0
      high += (byte & 0x7f) * factor
      factor *= 128
    } while (byte & 0x80 && pos - start < 10)
    wire.at = pos
    const magnitude = (low >>> 1) + high * 2 ** 27
    const value = low & 1 ? -magnitude - 1 : magnitude
    return Number.isSafeInteger(value) ? value : Number.NaN
  },

  /** A UUID of 36 signs as ClickHouse holds it: two 64-bit numbers, the upper first, each with its lower word first. */
  uuid(bytes: Uint8Array, start: number, words: Int32Array, to: number): boolean {
    const a = hex32(bytes, start)
    const b = hex16(bytes, start + 9)
    const c = hex16(bytes, start + 14)
    const d = hex16(bytes, start + 19)
    const e = hex16(bytes, start + 24)
    const f = hex32(bytes, start + 28)
    words[to] = (b << 16) | c
    words[to + 1] = a
    words[to + 2] = f
    words[to + 3] = (d << 16) | e
    const wrong = badHex
    badHex = 0
    const dashes =
      bytes[start + 8] === 45 && bytes[start + 13] === 45 && bytes[start + 18] === 45 && bytes[start + 23] === 45
    return wrong < 16 && dashes
  },

  /** Four bytes, little-endian. */
  word(bytes: Uint8Array, at: number): number {
    return (
      (bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24)
    )
  },
}

/** All digits that were read or'ed together: 16 and more if one was none. */
let badHex = 0

const HEX = new Uint8Array(256).fill(16)
for (let i = 0; i < 10; i++) HEX[48 + i] = i
for (let i = 0; i < 6; i++) HEX[65 + i] = HEX[97 + i] = 10 + i

function hex16(bytes: Uint8Array, at: number): number {
  const a = HEX[bytes[at] as number] as number
  const b = HEX[bytes[at + 1] as number] as number
  const c = HEX[bytes[at + 2] as number] as number
  const d = HEX[bytes[at + 3] as number] as number
  badHex |= a | b | c | d
  return (a << 12) | (b << 8) | (c << 4) | d
}

function hex32(bytes: Uint8Array, at: number): number {
  return (hex16(bytes, at) << 16) | hex16(bytes, at + 4)
}
