import { expect, it } from 'vitest'
import { formatTicks, tickSteps } from './ticks.ts'

it.each([
  ['count', '', [0, 50, 100], ['0', '50', '100']],
  ['count', '', [9_500, 9_750], ['9,500', '9,750']],
  ['count', '', [11_500, 11_750, 12_000], ['11.50K', '11.75K', '12.00K']],
  ['count', '', [0, 1_000_000, 2_000_000], ['0', '1M', '2M']],
  ['count', '', [-200, 0, 200], ['-200', '0', '200']],
  ['count', '', [0, 0.5, 1], ['0', '0.5', '1.0']],
  ['per-second', '', [0, 10, 20], ['0', '10/s', '20/s']],
  ['per-second', '', [0, 20_000], ['0', '20K/s']],
  ['money', 'EUR', [0, 2_000_000, 4_000_000], ['€0', '€20K', '€40K']],
  ['money', 'EUR', [38_000, 40_000], ['€380', '€400']],
  ['money', 'EUR', [0, 5, 10], ['€0', '€0.05', '€0.10']],
  ['money', 'JPY', [0, 500, 1_000], ['¥0', '¥500', '¥1,000']],
  ['money', '', [0, 5_000], ['0', '50']],
  ['ms', '', [0, 10_000, 20_000], ['0', '10 s', '20 s']],
  ['ms', '', [0, 500, 1_000], ['0', '0.5 s', '1.0 s']],
  ['ms', '', [0, 200, 400], ['0', '200 ms', '400 ms']],
  ['seconds', '', [0, 90, 180], ['0', '1.5 min', '3.0 min']],
  ['percent', '', [0, 0.25, 0.5], ['0', '25%', '50%']],
  ['percent', '', [0, 0.005, 0.01], ['0', '0.5%', '1.0%']],
  ['bytes', '', [0, 1_500_000], ['0 B', '1.5 MB']],
] as const)('%s %s %j reads %j', (unit, currency, ticks, expected) =>
  expect(formatTicks(ticks, unit, currency)).toEqual(expected),
)

it('no ticks are no text', () => expect(formatTicks([], 'count', '')).toEqual([]))

it('time is counted in steps of its own, none of which needs more digits than two', () => {
  const steps = tickSteps('ms', 100)
  expect(steps).toEqual(steps.toSorted((a, b) => a - b))
  for (const step of steps.filter((one) => one >= 10))
    for (const label of formatTicks([0, step, 2 * step, 3 * step, 4 * step], 'ms', ''))
      expect(label, String(step)).toMatch(/^[\d,]+(\.\d{1,2})?( (ms|s|min|h|d))?$/)
  expect(formatTicks([0, 1_800_000, 3_600_000, 5_400_000], 'ms', '')).toEqual(['0', '0.5 h', '1.0 h', '1.5 h'])
  expect(tickSteps('seconds', 5_000).includes(1_800)).toBe(true)
})

it('what is counted has no halves, unless all of it is less than one', () => {
  for (const unit of ['count', 'money'] as const) expect(tickSteps(unit, 2)[0]).toBe(1)
  expect(tickSteps('count', 0.4)).toContain(0.1)
  expect(tickSteps('percent', 1)).toContain(0.25)
  expect(tickSteps('per-second', 2)).toContain(0.5)
})
