import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CodedError } from '#pipelines/kernel/errors.ts'
import { avroType } from './avro-type.ts'

const long = avroType('"long"')

/** Zigzag and base 128 as the Avro specification has them, in exact integers. */
function reference(value: bigint): Buffer {
  const bytes: number[] = []
  let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n))
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80)
  return Buffer.from([...bytes, Number(rest)])
}

const anyLong = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.bigInt({ min: -(2n ** 54n), max: 2n ** 54n }),
  fc.integer().map(BigInt),
)

test('longs are exact within 2^53 and refused beyond', () => {
  fc.assert(
    fc.property(anyLong, (value) => {
      const bytes = reference(value)
      if (Number.isSafeInteger(Number(value))) {
        expect(long.fromBuffer(bytes)).toBe(Number(value))
        expect(long.toBuffer(Number(value)).equals(bytes)).toBe(true)
      } else expect(() => long.fromBuffer(bytes)).toThrow(CodedError)
    }),
    { numRuns: 5_000 },
  )
})

test('the sign of a large negative long survives', () => {
  const value = -(2 ** 52) - 1
  expect(long.fromBuffer(long.toBuffer(value))).toBe(value)
})
