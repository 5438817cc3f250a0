import avsc from 'avsc'
import { InvalidValue } from './invalid-value.ts'
import type { ErrorHook, Tap } from './tap.ts'

/** Avro ints: 32 bits on both sides. avsc's own reads whatever number stands there, and fails with a TypeError on a bigint. */
export class SafeIntType extends avsc.types.IntType {
  _check(value: unknown, _flags: unknown, hook?: ErrorHook): boolean {
    const fits = isInt(value)
    if (!fits) hook?.(value, this)
    return fits
  }

  _read(tap: Tap): number {
    const value = tap.readLong()
    if (!isInt(value)) throw new InvalidValue()
    return value
  }

  _write(tap: Tap, value: unknown): void {
    if (!isInt(value)) throw new InvalidValue()
    tap.writeLong(value)
  }
}

function isInt(value: unknown): value is number {
  return typeof value === 'number' && value === (value | 0)
}
