import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from '#pipelines/kernel/clock.ts'
import { CodedError } from '#pipelines/kernel/errors.ts'
import type { Sealed } from './batch.ts'
import { createFlusher, type Flusher } from './flusher.ts'
import { runOfRecords } from './run-of-records.ts'

const place = { topic: 't', partition: 0 }
/** Any record will do: one that nobody can read, of a size. */
function add(flusher: Flusher, offset: number, bytes = 1) {
  const record = { offset, timestamp: 0, key: null, value: Buffer.alloc(bytes), headers: {} }
  flusher.batch.dead(place, runOfRecords([record]), 0, new CodedError('POISON', 'poison'), Date.now())
  flusher.added()
}
const offsets = ({ dead }: Sealed) =>
  String(dead)
    .split('\n')
    .map((row) => (JSON.parse(row) as { offset: number }).offset)

describe('a flush', () => {
  let flushes: number[][]
  let fail: number
  let hold: Promise<void> | undefined
  let flusher: Flusher
  let behind: number

  beforeEach(() => {
    vi.useFakeTimers()
    flushes = []
    fail = 0
    hold = undefined
    behind = 0
    flusher = createFlusher({
      limits: { flushMs: 100, flushRows: 3, maxBytes: 10_000, behindMs: 2_000, behindRows: 50 },
      behind: () => behind,
      clock: systemClock,
      async write(sealed) {
        await hold
        if (fail-- > 0) throw new CodedError('AWAY', 'away')
        flushes.push(offsets(sealed))
      },
      written: () => {},
      failed: () => {},
    })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('waits for others, but not for long', async () => {
    add(flusher, 1)
    await vi.advanceTimersByTimeAsync(60)
    add(flusher, 2)
    expect(flushes).toEqual([])
    await vi.advanceTimersByTimeAsync(40)
    expect(flushes).toEqual([[1, 2]])
  })

  it('counts as waiting what is on its way, until it is stored', async () => {
    const gate = Promise.withResolvers<void>()
    hold = gate.promise
    for (const offset of [1, 2, 3]) add(flusher, offset)
    add(flusher, 4)
    expect([flusher.batch.rows, flusher.waiting]).toEqual([1, 4])
    gate.resolve()
    await flusher.settled()
    expect(flushes[0]).toEqual([1, 2, 3])
    expect(flusher.waiting).toBe(1)
  })

  it('waits longer while much is known to wait in the log, and no longer when it has come', async () => {
    behind = 51
    add(flusher, 1)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(flushes).toEqual([])
    behind = 50
    await vi.advanceTimersByTimeAsync(100)
    expect(flushes).toEqual([[1]])
    behind = 51
    add(flusher, 2)
    await vi.advanceTimersByTimeAsync(2_000)
    expect(flushes).toEqual([[1], [2]])
  })

  it('goes at once when there are enough', async () => {
    for (const offset of [1, 2, 3]) add(flusher, offset)
    await vi.advanceTimersByTimeAsync(0)
    expect(flushes).toEqual([[1, 2, 3]])
  })

  it('runs alone: what comes meanwhile waits for the next, in order', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    hold = promise
    for (const offset of [1, 2, 3]) add(flusher, offset)
    for (const offset of [4, 5, 6, 7]) add(flusher, offset)
    await vi.advanceTimersByTimeAsync(1000)
    expect(flushes).toEqual([])
    resolve()
    await vi.advanceTimersByTimeAsync(0)
    expect(flushes).toEqual([
      [1, 2, 3],
      [4, 5, 6, 7],
    ])
  })

  it('is repeated with the same records until it is written', async () => {
    fail = 3
    add(flusher, 1)
    await vi.advanceTimersByTimeAsync(100)
    add(flusher, 2)
    await vi.advanceTimersByTimeAsync(10_000)
    expect(flushes).toEqual([[1], [2]])
  })

  it('is given up by a reset, with all that waits', async () => {
    fail = Number.POSITIVE_INFINITY
    add(flusher, 1)
    await vi.advanceTimersByTimeAsync(500)
    add(flusher, 2)
    const reset = flusher.reset()
    await vi.advanceTimersByTimeAsync(10)
    await reset
    fail = 0
    add(flusher, 3)
    await vi.advanceTimersByTimeAsync(200)
    expect(flushes).toEqual([[3]])
  })

  it('goes at once when its bytes are many', async () => {
    add(flusher, 1, 10_000)
    await vi.advanceTimersByTimeAsync(0)
    expect(flushes).toEqual([[1]])
  })

  it('says when memory is full while a flush takes long, and when there is room again', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    hold = promise
    for (const offset of [1, 2, 3, 4, 5]) add(flusher, offset)
    expect(flusher.full).toBe(false)
    add(flusher, 6)
    expect(flusher.full).toBe(true)
    const settled = flusher.settled()
    resolve()
    await vi.advanceTimersByTimeAsync(0)
    await settled
    expect(flusher.full).toBe(false)
    expect(flushes).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ])
  })

  it('writes what waits when it is closed, and ends although the database is away', async () => {
    add(flusher, 1)
    const closing = flusher.close()
    await vi.advanceTimersByTimeAsync(6_000)
    await closing
    expect(flushes).toEqual([[1]])
  })

  it('ends although the database stays away', async () => {
    fail = Number.POSITIVE_INFINITY
    add(flusher, 1)
    await vi.advanceTimersByTimeAsync(150)
    const closing = flusher.close()
    await vi.advanceTimersByTimeAsync(12_000)
    await closing
    expect(flushes).toEqual([])
  })
})
