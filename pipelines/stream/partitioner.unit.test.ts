import fc from 'fast-check'
import kafkajs from 'kafkajs'
import { describe, expect, it } from 'vitest'
import { murmur2, partitionOf } from './partitioner.ts'

describe('murmur2', () => {
  // The vectors of org.apache.kafka.common.utils.UtilsTest.
  it.each([
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
    ['abc', 479470107],
  ])('hashes %j as the Java client does', (text, hash) => {
    expect(murmur2(Buffer.from(text))).toBe(hash)
  })

  it('hashes the text, not where it stands in a buffer', () => {
    const shifted = Buffer.from('..foobar').subarray(2)
    expect(murmur2(shifted)).toBe(-790332482)
  })
})

describe('partitionOf', () => {
  it("agrees with kafkajs' own port of the Java partitioner for any key", () => {
    const theirs = kafkajs.Partitioners.DefaultPartitioner()
    const partitionMetadata = Array.from({ length: 6 }, (_, partitionId) => ({
      partitionId,
      leader: 1,
      partitionErrorCode: 0,
      replicas: [1],
      isr: [1],
    }))
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), (key) => {
        const expected = theirs({ topic: 't', partitionMetadata, message: { key, value: '' } })
        expect(partitionOf(key, 6)).toBe(expected)
      }),
    )
  })

  it('spreads order ids over all partitions', () => {
    const seen = new Set(Array.from({ length: 200 }, () => partitionOf(crypto.randomUUID(), 6)))
    expect([...seen].sort()).toEqual([0, 1, 2, 3, 4, 5])
  })
})
