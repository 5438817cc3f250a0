import avsc from 'avsc'
import type { Inner, Tap } from './tap.ts'

/**
 * Arrays and maps that believe no count greater than the bytes that are left. avsc's own take the count of a corrupt record as it
 * is: fifteen bytes then fill the memory or run for hours, and the consumer dies of the same record after each restart.
 */
export class BoundedArrayType extends avsc.types.ArrayType {
  _read(tap: Tap): unknown[] {
    const items = this.itemsType as unknown as Inner
    const values: unknown[] = []
    for (let n = nextBlock(tap); n > 0; n = nextBlock(tap)) for (; n > 0; n--) values.push(items._read(tap))
    return values
  }

  _skip(tap: Tap): void {
    const items = this.itemsType as unknown as Inner
    for (let n = nextBlock(tap); n > 0; n = nextBlock(tap)) for (; n > 0; n--) items._skip(tap)
  }
}

export class BoundedMapType extends avsc.types.MapType {
  _read(tap: Tap): Record<string, unknown> {
    const values = this.valuesType as Inner
    const entries: [string, unknown][] = []
    for (let n = nextBlock(tap); n > 0; n = nextBlock(tap))
      for (; n > 0; n--) entries.push([tap.readString(), values._read(tap)])
    return Object.fromEntries(entries)
  }

  _skip(tap: Tap): void {
    const values = this.valuesType as Inner
    for (let n = nextBlock(tap); n > 0; n = nextBlock(tap))
      for (; n > 0; n--) {
        tap.skipString()
        values._skip(tap)
      }
  }
}

/** The count of the next block, 0 at the end. An impossible count leaves the tap past the end, which reads as truncated. */
function nextBlock(tap: Tap): number {
  let count = tap.readLong()
  if (count < 0) {
    count = -count
    tap.skipLong() // the block's size in bytes, not needed
  }
  if (count <= tap.buf.length - tap.pos) return count
  tap.pos = tap.buf.length + 1
  return 0
}
