import { describe, expect, test } from 'vitest'
import { createProgress } from './progress.ts'

const place = { topic: 'questions', partition: 2 }

function watched() {
  const progress = createProgress()
  return {
    /** The group stands at `committed` of `end` at some time. */
    see(at: number, committed: number | undefined, end: number, sentUntil = at) {
      const lag = end - (committed ?? 0)
      const position = committed === undefined ? undefined : String(committed)
      progress.see({ group: 'g', at, sentUntil, lags: [{ ...place, committed: position, end: String(end), lag }] })
    },
    readSince: (publishedAt: number) => progress.readSince('g', place, publishedAt),
    progress,
  }
}

describe('what a group has read', () => {
  test('is known once it has passed the end that was seen after', () => {
    const { see, readSince } = watched()
    see(100, 5, 8)
    expect(readSince(90)).toBeUndefined()
    see(200, 7, 9)
    expect(readSince(90)).toBeUndefined()
    see(300, 8, 12)
    expect(readSince(90)).toBe(300)
    expect(readSince(150)).toBeUndefined()
    see(400, 12, 12)
    expect(readSince(90)).toBe(300)
    expect(readSince(150)).toBe(400)
    expect(readSince(400)).toBe(400)
    expect(readSince(401)).toBeUndefined()
  })

  test('reaches only as far as the outbox was sent', () => {
    const { see, readSince } = watched()
    see(100, 8, 8, 40)
    expect(readSince(40)).toBe(100)
    expect(readSince(41)).toBeUndefined()
  })

  test('is nothing for a group that never committed, unless there was never anything', () => {
    const { see, readSince } = watched()
    see(100, undefined, 3)
    expect(readSince(50)).toBeUndefined()
    const empty = watched()
    empty.see(100, undefined, 0)
    expect(empty.readSince(50)).toBe(100)
  })

  test('is nothing where the position is beyond the end: that group reads nothing', () => {
    const { see, readSince } = watched()
    see(100, 500, 3)
    see(200, 500, 4)
    expect(readSince(50)).toBeUndefined()
  })

  test('is asked for each group and partition alone, and forgotten when told to', () => {
    const { see, progress, readSince } = watched()
    see(100, 8, 8)
    expect(progress.readSince('other', place, 50)).toBeUndefined()
    expect(progress.readSince('g', { ...place, partition: 1 }, 50)).toBeUndefined()
    progress.forget()
    expect(readSince(50)).toBeUndefined()
  })

  test('stays bounded over a long standstill, and never says too much', () => {
    const { see, readSince } = watched()
    for (let at = 1; at <= 5_000; at++) see(at, 0, at)
    expect(readSince(1)).toBeUndefined()
    see(6_000, 4_999, 5_000)
    expect(readSince(4_999)).toBeUndefined()
    see(7_000, 5_000, 5_000)
    expect(readSince(4_999)).toBe(7_000)
  })
})
