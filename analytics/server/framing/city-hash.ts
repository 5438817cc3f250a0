import { hashLoop } from './city-hash-loop.ts'

/**
 * CityHash128 of version 1.0.2, whose constants and rounds ClickHouse keeps for the checksums of its compressed blocks (later versions hash
 * otherwise). Every operation is cut to 64 bits at once.
 */

const K0 = 0xc3a5c85c97cb3127n
const K1 = 0xb492b66fbe98f273n
const K2 = 0x9ae16a3b2f90404fn
const K3 = 0xc949d7c7509e6557n
const MULTIPLIER = 0x9ddfea08eb382d69n

export type Hash128 = readonly [low: bigint, high: bigint]

const u64 = (value: bigint) => BigInt.asUintN(64, value)
const rotate = (value: bigint, by: bigint) => u64((value >> by) | (value << (64n - by)))
const shiftMix = (value: bigint) => value ^ (value >> 47n)

function hash16(low: bigint, high: bigint): bigint {
  const a = shiftMix(u64((low ^ high) * MULTIPLIER))
  return u64(shiftMix(u64((high ^ a) * MULTIPLIER)) * MULTIPLIER)
}

function hashShort(view: DataView, at: number, length: number): bigint {
  const size = BigInt(length)
  if (length > 8) {
    const a = view.getBigUint64(at, true)
    const b = view.getBigUint64(at + length - 8, true)
    return hash16(a, rotate(u64(b + size), size)) ^ b
  }
  if (length >= 4) {
    const a = BigInt(view.getUint32(at, true))
    return hash16(u64(size + (a << 3n)), BigInt(view.getUint32(at + length - 4, true)))
  }
  if (length > 0) {
    const y = BigInt(view.getUint8(at) + (view.getUint8(at + (length >> 1)) << 8))
    const z = BigInt(length + (view.getUint8(at + length - 1) << 2))
    return u64(shiftMix(u64(u64(y * K2) ^ u64(z * K3))) * K2)
  }
  return K2
}

function murmur(view: DataView, start: number, length: number, [low, high]: Hash128): Hash128 {
  let a = low
  let b = high
  let c: bigint
  let d: bigint
  if (length <= 16) {
    a = u64(shiftMix(u64(a * K1)) * K1)
    c = u64(u64(b * K1) + hashShort(view, start, length))
    d = shiftMix(u64(a + (length >= 8 ? view.getBigUint64(start, true) : c)))
  } else {
    c = hash16(u64(view.getBigUint64(start + length - 8, true) + K1), a)
    d = hash16(u64(b + BigInt(length)), u64(c + view.getBigUint64(start + length - 16, true)))
    a = u64(a + d)
    for (let at = start, left = length - 16; left > 0; at += 16, left -= 16) {
      a = u64((a ^ u64(shiftMix(u64(view.getBigUint64(at, true) * K1)) * K1)) * K1)
      b ^= a
      c = u64((c ^ u64(shiftMix(u64(view.getBigUint64(at + 8, true) * K1)) * K1)) * K1)
      d ^= c
    }
  }
  a = hash16(a, c)
  b = hash16(d, b)
  return [a ^ b, hash16(b, a)]
}

function long(view: DataView, start: number, total: number, [low, high]: Hash128): Hash128 {
  let at = start
  let length = total
  let x = low
  let y = high
  let z = u64(BigInt(length) * K1)
  let v1 = u64(u64(rotate(y ^ K1, 49n) * K1) + view.getBigUint64(at, true))
  let v2 = u64(u64(rotate(v1, 42n) * K1) + view.getBigUint64(at + 8, true))
  let w1 = u64(u64(rotate(u64(y + z), 35n) * K1) + x)
  let w2 = u64(rotate(u64(x + view.getBigUint64(at + 88, true)), 53n) * K1)
  const rounds = (length >> 7) * 2
  const state = BigUint64Array.of(x, y, z, v1, v2, w1, w2)
  hashLoop().run(new Uint8Array(view.buffer, view.byteOffset + at), rounds, state)
  ;[x, y, z, v1, v2, w1, w2] = state as unknown as [bigint, bigint, bigint, bigint, bigint, bigint, bigint]
  at += rounds * 64
  length -= rounds * 64
  y = u64(y + u64(u64(rotate(w1, 37n) * K0) + z))
  x = u64(x + u64(rotate(u64(v1 + z), 49n) * K0))
  for (let done = 0; done < length; ) {
    done += 32
    const tail = at + length - done
    y = u64(u64(rotate(u64(y - x), 42n) * K0) + v2)
    w1 = u64(w1 + view.getBigUint64(tail + 16, true))
    x = u64(u64(rotate(x, 49n) * K0) + w1)
    w1 = u64(w1 + v1)
    const a = u64(v1 + view.getBigUint64(tail, true))
    const b = rotate(u64(u64(v2 + a) + view.getBigUint64(tail + 24, true)), 21n)
    const sum = u64(u64(a + view.getBigUint64(tail + 8, true)) + view.getBigUint64(tail + 16, true))
    v2 = u64(u64(b + rotate(sum, 44n)) + a)
    v1 = u64(sum + view.getBigUint64(tail + 24, true))
  }
  x = hash16(x, v1)
  y = hash16(y, w1)
  return [u64(hash16(u64(x + v2), w2) + y), hash16(u64(x + w2), u64(y + v2))]
}

/** The hash of the bytes as two words, the low one first, as a block begins with them in little endian. */
export function cityHash128(bytes: Uint8Array): Hash128 {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const length = bytes.length
  if (length >= 16) {
    const seed: Hash128 = [view.getBigUint64(0, true) ^ K3, view.getBigUint64(8, true)]
    return length - 16 >= 128 ? long(view, 16, length - 16, seed) : murmur(view, 16, length - 16, seed)
  }
  if (length >= 8) {
    const seed: Hash128 = [
      view.getBigUint64(0, true) ^ u64(BigInt(length) * K0),
      view.getBigUint64(length - 8, true) ^ K1,
    ]
    return murmur(view, 0, 0, seed)
  }
  return murmur(view, 0, length, [K0, K1])
}
