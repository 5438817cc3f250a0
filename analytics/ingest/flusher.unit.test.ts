import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from '#pipelines/kernel/clock.ts'
import { CodedError } from '#pipelines/kernel/errors.ts'
import type { Entry } from './entry.ts'
import { createFlusher, type Flusher, writeAround } from './flusher.ts'

const entry = (offset: number, bytes = 10): Entry => ({
  topic: 't',
  partition: 0,
  offset,
  event: String(offset),
  record: { offset, timestamp: 0, key: null, value: null, headers: {} },
  bytes,
})
const offsets = (entries: readonly Entry[]) => entries.map(({ offset }) => offset)

describe('a flush', () => {
  let flushes: number[][]
  let fail: number
  let hold: Promise<void> | undefined
  let flusher: Flusher

  beforeEach(() => {
    vi.useFakeTimers()
    flushes = []
    fail = 0
    hold = undefined
    flusher = createFlusher({
      limits: { flushMs: 100, flushRows: 3, maxBytes: 100 },
      clock: systemClock,
      async write(entries) {
        await hold
        if (fail-- > 0) throw new CodedError('AWAY', 'away')
        flushes.push(offsets(entries))
      },
      written: () => {},
      failed: () => {},
    })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('waits for others, but not for long', async () => {
    flusher.add(entry(1))
    await vi.advanceTimersByTimeAsync(60)
    flusher.add(entry(2))
    expect(flushes).toEqual([])
    await vi.advanceTimersByTimeAsync(40)
    expect(flushes).toEqual([[1, 2]])
  })

  it('goes at once when there are enough', async () => {
    for (const offset of [1, 2, 3]) flusher.add(entry(offset))
    await vi.advanceTimersByTimeAsync(0)
    expect(flushes).toEqual([[1, 2, 3]])
  })

  it('runs alone: what comes meanwhile waits for the next, in order', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    hold = promise
    for (const offset of [1, 2, 3]) flusher.add(entry(offset))
    for (const offset of [4, 5, 6, 7]) flusher.add(entry(offset))
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
    flusher.add(entry(1))
    await vi.advanceTimersByTimeAsync(100)
    flusher.add(entry(2))
    await vi.advanceTimersByTimeAsync(10_000)
    expect(flushes).toEqual([[1], [2]])
  })

  it('is given up by a reset, with all that waits', async () => {
    fail = Number.POSITIVE_INFINITY
    flusher.add(entry(1))
    await vi.advanceTimersByTimeAsync(500)
    flusher.add(entry(2))
    const reset = flusher.reset()
    await vi.advanceTimersByTimeAsync(10)
    await reset
    fail = 0
    flusher.add(entry(3))
    await vi.advanceTimersByTimeAsync(200)
    expect(flushes).toEqual([[3]])
  })

  it('says when memory is full while a flush takes long, and when there is room again', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    hold = promise
    for (const offset of [1, 2, 3]) flusher.add(entry(offset))
    flusher.add(entry(4, 99))
    expect(flusher.full).toBe(false)
    flusher.add(entry(5, 1))
    expect(flusher.full).toBe(true)
    const settled = flusher.settled()
    resolve()
    await vi.advanceTimersByTimeAsync(0)
    await settled
    expect(flusher.full).toBe(false)
  })

  it('writes what waits when it is closed, and ends although the database is away', async () => {
    flusher.add(entry(1))
    const closing = flusher.close()
    await vi.advanceTimersByTimeAsync(6_000)
    await closing
    expect(flushes).toEqual([[1]])
  })

  it('ends although the database stays away', async () => {
    fail = Number.POSITIVE_INFINITY
    flusher.add(entry(1))
    await vi.advanceTimersByTimeAsync(150)
    const closing = flusher.close()
    await vi.advanceTimersByTimeAsync(12_000)
    await closing
    expect(flushes).toEqual([])
  })
})

describe('rows that the database refuses', () => {
  const refuses = (error: unknown) => error instanceof CodedError && error.code === 'REFUSED'
  const dead = (one: Entry): Entry => ({ ...one, dead: 'dead' })

  it('cost only the record they were made of; all others are written in order', async () => {
    const written: Entry[] = []
    async function write(entries: readonly Entry[]) {
      if (entries.some(({ offset, dead: isDead }) => offset === 5 && isDead === undefined))
        throw new CodedError('REFUSED', 'bad row')
      written.push(...entries)
    }
    await writeAround(
      [1, 2, 3, 4, 5, 6, 7].map((offset) => entry(offset)),
      { write, refuses, dead },
    )
    expect(offsets(written)).toEqual([1, 2, 3, 4, 5, 6, 7])
    expect(written.filter(({ dead: isDead }) => isDead !== undefined).map(({ offset }) => offset)).toEqual([5])
  })

  it('are not looked for when the database is only away', async () => {
    const write = vi.fn(() => Promise.reject(new CodedError('AWAY', 'away')))
    await expect(writeAround([entry(1), entry(2)], { write, refuses, dead })).rejects.toThrow('away')
    expect(write).toHaveBeenCalledTimes(1)
  })
})
