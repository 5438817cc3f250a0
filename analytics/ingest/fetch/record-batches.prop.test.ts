import { gzipSync, zstdCompressSync } from 'node:zlib'
import { compressionsAlgorithms, crc32c } from '@platformatic/kafka'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { CodedError } from '#pipelines/kernel/errors.ts'
import { BatchBuilder, encodedHeaders } from '../../bench/traffic/batch-builder.ts'
import type { LogRecord } from '../source.ts'
import { walkBatches } from './record-batches.ts'

const HEADER_BYTES = 61

interface Written {
  readonly key: string
  readonly value: string
  readonly headers: Readonly<Record<string, string>>
  readonly later: number
}

const record: fc.Arbitrary<Written> = fc.record({
  key: fc.string({ maxLength: 40 }),
  value: fc.string({ unit: 'binary', maxLength: 300 }),
  headers: fc.dictionary(
    fc.string({ minLength: 1, maxLength: 10 }).filter((name) => name !== '__proto__'),
    fc.string({ maxLength: 200 }),
    { maxKeys: 4 },
  ),
  later: fc.integer({ min: -1_000_000, max: 100_000_000 }),
})

const compressions = {
  none: [0, (bytes: Buffer) => bytes],
  gzip: [1, (bytes: Buffer) => gzipSync(bytes)],
  snappy: [2, (bytes: Buffer) => compressionsAlgorithms.snappy.compressSync(bytes) as Buffer],
  xerial: [2, xerial],
  lz4: [3, (bytes: Buffer) => compressionsAlgorithms.lz4.compressSync(bytes) as Buffer],
  zstd: [4, (bytes: Buffer) => zstdCompressSync(bytes)],
} as const
type Compression = keyof typeof compressions

/** Snappy as Java writes it: a header and chunks with their lengths. */
function xerial(bytes: Buffer): Buffer {
  const parts: Buffer[] = [Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1])]
  for (let at = 0; at < bytes.length; at += 100) {
    const chunk = compressionsAlgorithms.snappy.compressSync(
      Buffer.from(Uint8Array.from(bytes.subarray(at, at + 100))),
    ) as Buffer
    const length = Buffer.alloc(4)
    length.writeUInt32BE(chunk.length)
    parts.push(length, chunk)
  }
  return Buffer.concat(parts)
}

const TIME = 1_800_000_000_000

function batchOf(
  base: number,
  records: readonly Written[],
  { compression = 'none' as Compression, attributes = 0, producerId = -1n } = {},
): Buffer {
  const builder = new BatchBuilder()
  for (const { key, value, headers, later } of records)
    builder.add(Buffer.from(key), Buffer.from(value), encodedHeaders(headers), TIME + later)
  const plain = builder.take()
  const [code, compress] = compressions[compression]
  const bytes = Buffer.concat([
    plain.subarray(0, HEADER_BYTES),
    (compress as (plain: Buffer) => Buffer)(Buffer.from(plain.subarray(HEADER_BYTES))),
  ])
  bytes.writeBigInt64BE(BigInt(base), 0)
  bytes.writeInt32BE(bytes.length - 12, 8)
  bytes.writeInt16BE(attributes | code, 21)
  bytes.writeBigInt64BE(producerId, 43)
  return sealed(bytes)
}

function sealed(bytes: Buffer): Buffer {
  bytes.writeUInt32BE(crc32c(bytes.subarray(21)), 17)
  return bytes
}

function all(bytes: Buffer, from = 0, aborted: Parameters<typeof walkBatches>[1]['aborted'] = []): LogRecord[] {
  return walkBatches(bytes, { from, aborted }).runs.flatMap((run) =>
    Array.from({ length: run.count }, (_, i) => {
      const whole = run.record(i)
      const value = run.ends[i] === -1 ? null : run.bytes.subarray(run.starts[i], run.ends[i])
      expect(value).toEqual(whole.value)
      expect([run.offsets[i], run.timestamps[i]]).toEqual([whole.offset, whole.timestamp])
      return whole
    }),
  )
}

function expected(base: number, records: readonly Written[]): object[] {
  return records.map(({ key, value, headers, later }, i) => ({
    offset: base + i,
    timestamp: TIME + later,
    key: Buffer.from(key),
    value: Buffer.from(value),
    headers: Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)])),
  }))
}

it('gives every record of every batch, whatever it is compressed with, from the offset asked for on', () => {
  const batch = fc.record({
    records: fc.array(record, { minLength: 1, maxLength: 20 }),
    compression: fc.constantFrom(...(Object.keys(compressions) as Compression[])),
  })
  fc.assert(
    fc.property(
      fc.array(batch, { minLength: 1, maxLength: 5 }),
      fc.nat(30),
      fc.nat(2 ** 33),
      (batches, skip, first) => {
        const parts: Buffer[] = []
        const records: object[] = []
        let base = first
        for (const { records: own, compression } of batches) {
          parts.push(batchOf(base, own, { compression }))
          records.push(...expected(base, own))
          base += own.length
        }
        const bytes = Buffer.concat(parts)
        expect(all(bytes, first + skip)).toEqual(records.slice(skip))
        expect(walkBatches(bytes, { from: first }).next).toBe(base)
        // A last batch that is cut off is left for the next fetch.
        const cut = bytes.subarray(0, bytes.length - 1)
        expect(walkBatches(cut, { from: first }).next).toBe(base - (batches.at(-1)?.records.length ?? 0))
      },
    ),
    { numRuns: 150 },
  )
})

it('never gives what was not written: a damaged batch is refused, or lies behind the end', () => {
  const flips = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), { minLength: 1, maxLength: 5 })
  fc.assert(
    fc.property(fc.array(record, { minLength: 1, maxLength: 10 }), flips, (records, damage) => {
      const bytes = batchOf(5, records)
      for (const [at, mask] of damage) bytes[at % bytes.length] = (bytes[at % bytes.length] as number) ^ mask
      try {
        // The base offset and the leader's epoch are not under the checksum.
        for (const { offset: _offset, ...rest } of all(bytes, Number.MIN_SAFE_INTEGER))
          expect(expected(0, records).map(withoutOffset)).toContainEqual(rest)
      } catch (error) {
        expect(error).toMatchObject({ code: 'BATCH_CORRUPT' })
      }
    }),
    { numRuns: 500 },
  )
})

const withoutOffset = ({ offset: _offset, ...rest }: { offset?: number }) => rest

it('ends on bytes that a checksum says are right and that are nonsense, with the coded error and quickly', () => {
  const flips = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 8 })
  fc.assert(
    fc.property(
      fc.array(record, { minLength: 1, maxLength: 10 }),
      fc.constantFrom(...(['none', 'gzip', 'zstd'] as const)),
      flips,
      (records, compression, damage) => {
        const bytes = batchOf(0, records, { compression })
        for (const [at, value] of damage) bytes[HEADER_BYTES + (at % (bytes.length - HEADER_BYTES))] = value
        try {
          all(sealed(bytes))
        } catch (error) {
          expect(error).toBeInstanceOf(CodedError)
          expect(error).toMatchObject({ code: 'BATCH_CORRUPT' })
        }
      },
    ),
    { numRuns: 500 },
  )
})

it('refuses a count of records that cannot be, before it reserves memory for them', () => {
  const bytes = batchOf(0, [{ key: '', value: 'x', headers: {}, later: 0 }])
  bytes.writeInt32BE(2_000_000_000, 57)
  expect(() => all(sealed(bytes))).toThrow('cannot hold so many records')
})

it('passes over control batches and transactions that were given up, and keeps those that were not', () => {
  const [CONTROL, TRANSACTIONAL] = [0x20, 0x10]
  const one = (value: string): Written => ({ key: 'k', value, headers: {}, later: 0 })
  const bytes = Buffer.concat([
    batchOf(0, [one('before')]),
    batchOf(1, [one('given up')], { attributes: TRANSACTIONAL, producerId: 7n }),
    batchOf(2, [one('committed')], { attributes: TRANSACTIONAL, producerId: 8n }),
    batchOf(3, [one('abort marker')], { attributes: TRANSACTIONAL | CONTROL, producerId: 7n }),
    batchOf(4, [one('commit marker')], { attributes: TRANSACTIONAL | CONTROL, producerId: 8n }),
    batchOf(5, [one('the same producer again')], { attributes: TRANSACTIONAL, producerId: 7n }),
  ])
  const values = all(bytes, 0, [{ producerId: 7n, firstOffset: 1 }]).map(({ value }) => String(value))
  expect(values).toEqual(['before', 'committed', 'the same producer again'])
  expect(walkBatches(bytes, { from: 0 }).next).toBe(6)
})

it('takes the broker’s time where the topic has it so', () => {
  const bytes = batchOf(0, [{ key: '', value: 'x', headers: {}, later: 500 }], { attributes: 0x08 })
  bytes.writeBigInt64BE(BigInt(TIME + 999), 35)
  expect(all(sealed(bytes)).map(({ timestamp }) => timestamp)).toEqual([TIME + 999])
})
