import { describe, expect, it } from 'vitest'
import { type Asked, learn, sharesOf, UNKNOWN } from './shares.ts'

const MIB = 1024 * 1024
const place = (waiting: number, batchBytes = 16 * 1024): Asked => ({
  ...UNKNOWN,
  end: waiting,
  next: 0,
  batchBytes,
  recordBytes: 500,
})

/** A broker that sends whole batches only, as many as the share holds. */
function round(places: readonly Asked[], limit: number): void {
  for (const { place: one, bytes } of sharesOf(places, limit)) {
    const perBatch = one.batchBytes / one.recordBytes
    const records = Math.min(one.end - one.next, Math.floor(bytes / one.batchBytes) * perBatch)
    one.next += records
    learn(one, { bytes: records * one.recordBytes, records, largest: records > 0 ? one.batchBytes : 0 })
  }
}

describe('what is asked of each place', () => {
  it('is everything when all that waits fits into one answer', () => {
    const shares = sharesOf([place(100), place(0), place(1000)], 8 * MIB)
    expect(shares).toHaveLength(3)
    expect(shares[2]?.bytes).toBeGreaterThanOrEqual(1000 * 500)
  })

  it('goes by how much waits: a rare topic and a frequent one come to their ends together', () => {
    const places = [place(1_000_000), place(100_000), place(20_000)]
    let rounds = 0
    for (; rounds < 30; rounds++) round(places, 8 * MIB)
    for (const { next, end } of places) expect(next / end).toBeCloseTo((rounds * 8 * MIB) / (1_120_000 * 500), 1)
  })

  it('lets a place whose share is less than a batch wait, but not for ever', () => {
    const places = [place(1_000_000), place(2_000, 512 * 1024)]
    expect(sharesOf(places, MIB).map(({ place: one }) => places.indexOf(one))).toEqual([0])
    for (let i = 0; i < 1500 && (places[1] as Asked).next === 0; i++) round(places, MIB)
    expect((places[1] as Asked).next).toBeGreaterThan(0)
  })

  it('grows for a place of which nothing comes, as its next batch is larger', () => {
    const one = place(10_000)
    for (let i = 0; i < 8; i++) learn(one, { bytes: 0, records: 0, largest: 0 })
    expect(one.batchBytes).toBe(256 * 16 * 1024)
  })

  it('asks for a place where nothing is known to wait, so that what comes is seen', () => {
    expect(sharesOf([place(0), place(1_000_000)], MIB)).toHaveLength(2)
  })
})
