import avsc from 'avsc'
import { InvalidValue } from './invalid-value.ts'
import type { ErrorHook, Tap } from './tap.ts'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** Avro strings. Half a surrogate pair is refused: in UTF-8 it would become other text. */
export class TextType extends avsc.types.StringType {
  _check(value: unknown, _flags: unknown, hook?: ErrorHook): boolean {
    const fits = typeof value === 'string' && value.isWellFormed()
    if (!fits) hook?.(value, this)
    return fits
  }

  _write(tap: Tap, value: unknown): void {
    if (typeof value !== 'string' || !value.isWellFormed()) throw new InvalidValue()
    tap.writeString(value)
  }
}

/** Strings of logical type uuid: what is no UUID is refused where it is published. Read as they are, so that old records stay readable. */
export class UuidType extends avsc.types.StringType {
  _check(value: unknown, _flags: unknown, hook?: ErrorHook): boolean {
    const fits = typeof value === 'string' && UUID.test(value)
    if (!fits) hook?.(value, this)
    return fits
  }

  _write(tap: Tap, value: unknown): void {
    if (typeof value !== 'string' || !UUID.test(value)) throw new InvalidValue()
    tap.writeString(value)
  }
}
