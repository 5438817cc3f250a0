import type { LogRecord, RecordRun } from './source.ts'

/** A run made of records that a client has as objects already. */
export function runOfRecords(records: readonly LogRecord[]): RecordRun {
  const count = records.length
  const starts = new Int32Array(count)
  const ends = new Int32Array(count)
  let at = 0
  for (const [i, { value }] of records.entries()) {
    starts[i] = value === null ? -1 : at
    if (value !== null) at += value.length
    ends[i] = value === null ? -1 : at
  }
  return {
    count,
    bytes: Buffer.concat(
      records.flatMap(({ value }) => (value === null ? [] : [value])),
      at,
    ),
    offsets: Float64Array.from(records, ({ offset }) => offset),
    timestamps: Float64Array.from(records, ({ timestamp }) => timestamp),
    starts,
    ends,
    record: (index) => records[index] as LogRecord,
  }
}
