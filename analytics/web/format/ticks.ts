import { exponentOf } from '../../../pipelines/kernel/money.ts'
import type { Unit } from '../../panels/panel.ts'
import { formatBytes } from './number.ts'

interface Scale {
  readonly divisor: number
  readonly suffix: string
}

const MS: readonly Scale[] = [
  { divisor: 86_400_000, suffix: ' d' },
  { divisor: 3_600_000, suffix: ' h' },
  { divisor: 60_000, suffix: ' min' },
  { divisor: 1_000, suffix: ' s' },
  { divisor: 1, suffix: ' ms' },
]
const SHORT: readonly Scale[] = [
  { divisor: 1e9, suffix: 'B' },
  { divisor: 1e6, suffix: 'M' },
  { divisor: 1e3, suffix: 'K' },
]
const PLAIN: Scale = { divisor: 1, suffix: '' }
/** Below it thousands are written out. */
const SHORT_FROM = 10_000
const MOST_DIGITS = 3

const [SECOND, MINUTE, HOUR, DAY] = [1_000, 60_000, 3_600_000, 86_400_000]
/** Steps that people count time in, in milliseconds. */
const TIME_STEPS: readonly number[] = [
  ...[0.001, 0.01, 0.1, 1, 10, 100].flatMap((one) => [one, 2 * one, 5 * one]),
  ...[1, 2, 5, 10, 15, 30].map((seconds) => seconds * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE),
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR),
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000].map((days) => days * DAY),
]

/** 1, 2, 2.5 and 5 of every power of ten. */
const DECIMAL_STEPS: readonly number[] = Array.from({ length: 25 }, (_x, index) => index - 9).flatMap((exponent) =>
  [1, 2, 2.5, 5].map((one) => Number(`${one}e${exponent}`)),
)

/** The steps that the ticks of a value axis of this length may have. There is no half of an order and none of a cent, unless all of what is shown is less than one. */
export function tickSteps(unit: Unit, range: number): number[] {
  if (unit === 'ms') return [...TIME_STEPS]
  if (unit === 'seconds') return TIME_STEPS.map((step) => step / SECOND)
  return DECIMAL_STEPS.filter((step) => !(unit === 'count' || unit === 'money') || range < 1 || Number.isInteger(step))
}

/**
 * Writes the ticks of a value axis: all in the same unit and with the same digits, as many as tell one from the next, so that equal steps look equal
 * (11.50K, 11.75K, 12.00K). Zero is 0 of whatever it is.
 */
export function formatTicks(ticks: readonly number[], unit: Unit, currency: string): string[] {
  if (unit === 'bytes') return ticks.map(formatBytes)
  const factor =
    unit === 'seconds' ? 1_000 : unit === 'percent' ? 100 : unit === 'money' ? 1 / 10 ** exponentOf(currency) : 1
  const values = ticks.map((tick) => tick * factor)
  const most = Math.max(...values.map(Math.abs), 0)
  const { divisor, suffix } = scaleOf(most, unit)
  const digits = digitsFor(values.map((value) => value / divisor))
  const money = unit === 'money' && /^[A-Z]{3}$/.test(currency)
  const written = new Intl.NumberFormat(undefined, {
    ...(money && { style: 'currency', currency }),
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  })
  const zero = new Intl.NumberFormat(undefined, {
    ...(money && { style: 'currency', currency }),
    maximumFractionDigits: 0,
  })
  const after = unit === 'percent' ? '%' : unit === 'per-second' ? `${suffix}/s` : suffix
  return values.map((value) => (value === 0 ? zero.format(0) : `${written.format(value / divisor)}${after}`))
}

function scaleOf(most: number, unit: Unit): Scale {
  if (unit === 'ms' || unit === 'seconds')
    return MS.find(({ divisor }) => most >= divisor) ?? { divisor: 1, suffix: ' ms' }
  return (most >= SHORT_FROM && SHORT.find(({ divisor }) => most >= divisor)) || PLAIN
}

/** The fewest digits with which every one of these is written as it is. */
function digitsFor(values: readonly number[]): number {
  for (let digits = 0; digits < MOST_DIGITS; digits++)
    if (values.every((value) => Math.abs(value - Number(value.toFixed(digits))) < 1e-9 * Math.max(1, Math.abs(value))))
      return digits
  return MOST_DIGITS
}
