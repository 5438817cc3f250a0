import { describe, expect, it } from 'vitest'
import { lengthOf, previousSpan, resolveSpan, shiftOf, slotAt, slotStart, slotsOf, stepFor } from './span.ts'

// The tests of a span run where days have 23 and 25 hours.
process.env.TZ = 'Europe/Vienna'

const HOUR = 3_600_000

describe('a range', () => {
  const now = Date.UTC(2026, 10, 24, 6, 42, 10, 123)

  it('that is relative ends now and begins with a whole slot', () => {
    const { from, to, stepSeconds } = resolveSpan('1h', now)
    expect(to).toBe(now)
    expect(stepSeconds).toBe(60)
    expect(new Date(from).toISOString()).toBe('2026-11-24T05:42:00.000Z')
  })

  it('of two times is these two', () => {
    expect(resolveSpan('2026-11-24T05:00:00Z..2026-11-24T05:30:00.500Z', now)).toMatchObject({
      from: Date.UTC(2026, 10, 24, 5),
      to: Date.UTC(2026, 10, 24, 5, 30, 0, 500),
    })
  })

  it.each(['', 'yesterday', '0h', '2026-11-24T06:00:00Z..2026-11-24T05:00:00Z', 'a..b'])(
    'that cannot be read (%s) is the last hour',
    (range) => {
      expect(resolveSpan(range, now)).toMatchObject(resolveSpan('1h', now))
    },
  )

  it.each([
    ['5m', 5 * 60_000],
    ['90d', 90 * 24 * HOUR],
  ])('%s has at most 92 slots and at least 30', (range, ms) => {
    expect(lengthOf(range)).toBe(ms)
    const slots = slotsOf(resolveSpan(range, now)).length
    expect(slots).toBeLessThanOrEqual(92)
    expect(slots).toBeGreaterThanOrEqual(30)
  })
})

describe('slots', () => {
  it('of a day begin at local midnight, also when the clocks change', () => {
    const span = { from: Date.UTC(2026, 9, 23, 10), to: Date.UTC(2026, 9, 28, 10), stepSeconds: 86_400 }
    expect(slotsOf(span).map((ms) => new Date(ms).toISOString())).toEqual([
      '2026-10-22T22:00:00.000Z',
      '2026-10-23T22:00:00.000Z',
      '2026-10-24T22:00:00.000Z', // this day has 25 hours
      '2026-10-25T23:00:00.000Z',
      '2026-10-26T23:00:00.000Z',
      '2026-10-27T23:00:00.000Z',
    ])
    const spring = { from: Date.UTC(2026, 2, 28, 10), to: Date.UTC(2026, 2, 31, 10), stepSeconds: 86_400 }
    expect(slotsOf(spring).map((ms) => new Date(ms).toISOString())).toEqual([
      '2026-03-27T23:00:00.000Z',
      '2026-03-28T23:00:00.000Z', // this one 23
      '2026-03-29T22:00:00.000Z',
      '2026-03-30T22:00:00.000Z',
    ])
  })

  it('follow one another without end or gap for every step', () => {
    for (const step of [1, 60, 3_600, 7_200, 21_600, 43_200, 86_400]) {
      const from = Date.UTC(2026, 9, 24)
      const slots = slotsOf({ from, to: from + 200 * step * 1000, stepSeconds: step })
      expect(slots.length).toBeGreaterThan(195)
      expect(slots.length).toBeLessThan(206)
      expect(slots.every((slot, index) => index === 0 || slot > (slots[index - 1] ?? 0))).toBe(true)
      expect(slots[0]).toBe(slotStart(from, step))
    }
  })
})

it('the period before is as long, lies slot on slot, and a preset is compared with exactly its length before', () => {
  const span = resolveSpan('6h', Date.UTC(2026, 10, 24, 6, 42, 10))
  const before = previousSpan(span)
  expect(before.to - before.from).toBe(span.to - span.from)
  expect(shiftOf(span)).toBe(6 * HOUR)
  expect(before.to - span.from).toBeLessThan(span.stepSeconds * 1000)
})

it('the step is the smallest that gives not too many slots', () => {
  expect(stepFor(60_000)).toBe(1)
  expect(stepFor(HOUR)).toBe(60)
  expect(stepFor(24 * HOUR)).toBe(1_200)
  expect(stepFor(20_000 * 24 * HOUR)).toBe(86_400)
})

it('a slot is found by its beginning, and ends where the next begins', () => {
  const autumn = { from: Date.UTC(2026, 9, 24, 22), to: Date.UTC(2026, 9, 27, 10), stepSeconds: 86_400 }
  const day = slotAt(Date.UTC(2026, 9, 24, 22), autumn)
  expect((day?.to ?? 0) - (day?.from ?? 0)).toBe(25 * HOUR)
  expect(slotAt(Date.UTC(2026, 9, 24, 23), autumn)).toBeUndefined()
  const last = slotsOf(autumn).at(-1) ?? 0
  expect(slotAt(last, autumn)).toEqual({ from: last, to: last + 24 * HOUR })
})
