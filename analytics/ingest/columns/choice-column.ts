import { Column } from './column.ts'
import type { Dictionary } from './dictionary.ts'
import { grownLength } from './growth.ts'
import type { Out } from './out.ts'

const INDEX_BYTES = { 0: 1, 1: 2, 2: 4 } as const
/** The block brings its own dictionary (ClickHouse, SerializationLowCardinality: HasAdditionalKeys, NeedUpdateDictionary). */
const OWN_KEYS = 0x600

/** Text of few different values (LowCardinality): numbers into a dictionary that several columns may share. */
export class ChoiceColumn extends Column {
  readonly type: string
  readonly dictionary: Dictionary
  ids = new Int32Array(64)

  constructor(dictionary: Dictionary) {
    super()
    this.dictionary = dictionary
    this.type = dictionary.nullable ? 'LowCardinality(Nullable(String))' : 'LowCardinality(String)'
  }

  reserve(rows: number): void {
    if (rows <= this.ids.length) return
    const larger = new Int32Array(grownLength(rows, this.ids.length))
    larger.set(this.ids)
    this.ids = larger
  }

  fill(rows: number): void {
    this.reserve(rows)
    this.ids.fill(0, this.rows, rows)
    this.rows = rows
  }

  override prefix(out: Out): void {
    out.uint64(1)
  }

  values(out: Out): void {
    if (this.rows === 0) return
    const { count, keys, end } = this.dictionary
    const width = count <= 256 ? 0 : count <= 65_536 ? 1 : 2
    out.uint64(OWN_KEYS | width)
    out.uint64(count)
    out.copy(keys.subarray(0, end))
    out.uint64(this.rows)
    const ids = this.ids.subarray(0, this.rows)
    if (INDEX_BYTES[width] === 1) out.view(new Uint8Array(ids))
    else if (INDEX_BYTES[width] === 2) out.view(new Uint8Array(new Uint16Array(ids).buffer))
    else out.view(new Uint8Array(ids.buffer, 0, this.rows * 4))
  }

  get size(): number {
    return this.rows * 4
  }
}
