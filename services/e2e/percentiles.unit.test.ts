import { expect, test } from 'vitest'
import { parseDuration, parsePositive } from './duration.ts'
import { percentile, spread } from './percentiles.ts'

test('percentiles are values that occurred, by nearest rank', () => {
  const values = Array.from({ length: 100 }, (_, index) => 100 - index)
  expect(spread(values)).toEqual({ count: 100, p50: 50, p95: 95, p99: 99, max: 100 })
  expect(percentile([7], 0.99)).toBe(7)
  expect(percentile([], 0.5)).toBeUndefined()
})

test('durations carry their unit', () => {
  expect(parseDuration('60s')).toBe(60_000)
  expect(parseDuration('1.5m')).toBe(90_000)
  expect(() => parseDuration('60')).toThrow(/write 500ms/)
  expect(() => parsePositive('0')).toThrow(/above 0/)
})
