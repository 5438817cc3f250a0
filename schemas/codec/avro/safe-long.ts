import avsc from 'avsc'
import { LongUnsafe } from '../errors.ts'
import { InvalidValue } from './invalid-value.ts'
import type { ErrorHook, Tap } from './tap.ts'

/** Below this avsc's zigzag arithmetic in doubles is exact; above it the sign bit of a negative long is rounded away. */
const EXACT = 2 ** 52

/**
 * Avro longs as numbers, exact in the whole range that numbers have (up to 2^53 - 1) and refused beyond. avsc's own reads
 * -4503599627370497 as +4503599627370496.
 */
export class SafeLongType extends avsc.types.LongType {
  _check(value: unknown, _flags: unknown, hook?: ErrorHook): boolean {
    const fits = Number.isSafeInteger(value)
    if (!fits) hook?.(value, this)
    return fits
  }

  /** @throws LongUnsafe */
  _read(tap: Tap): number {
    const { buf } = tap
    let pos = tap.pos
    let low = 0
    let shift = 0
    let byte: number
    do {
      byte = buf[pos++] ?? 0
      low |= (byte & 0x7f) << shift
      shift += 7
    } while (byte & 0x80 && shift < 28)
    if (!(byte & 0x80)) {
      tap.pos = pos
      return (low >>> 1) ^ -(low & 1)
    }
    // The low 28 bits and the rest stay apart, so that no digit is lost before the zigzag is undone.
    let high = 0
    let factor = 1
    do {
      byte = buf[pos++] ?? 0
      high += (byte & 0x7f) * factor
      factor *= 128
    } while (byte & 0x80)
    tap.pos = pos
    const magnitude = (low >>> 1) + high * 2 ** 27
    const value = low & 1 ? -magnitude - 1 : magnitude
    if (!Number.isSafeInteger(value)) throw new LongUnsafe()
    return value
  }

  _write(tap: Tap, value: unknown): void {
    if (!Number.isSafeInteger(value)) throw new InvalidValue()
    const n = value as number
    if (n <= EXACT && n >= -EXACT) tap.writeLong(n)
    else writeExact(tap, BigInt(n))
  }
}

function writeExact(tap: Tap, value: bigint): void {
  let rest = value >= 0n ? value * 2n : -value * 2n - 1n
  for (; rest > 0x7fn; rest >>= 7n) tap.buf[tap.pos++] = Number(rest & 0x7fn) | 0x80
  tap.buf[tap.pos++] = Number(rest)
}
