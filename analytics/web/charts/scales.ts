import { formatTick } from '../format/time.ts'
import type { PlotData, PlotOptions } from './plot.ts'

/** Values alone between two gaps: no line leads to them. */
export function lonely(values: readonly (number | null)[]): number[] {
  return values.flatMap((value, index) =>
    value !== null && (values[index - 1] ?? null) === null && (values[index + 1] ?? null) === null ? [index] : [],
  )
}

export function spanOf({ times }: PlotData): number {
  return (times.at(-1) ?? 0) - (times[0] ?? 0)
}

/** The last tick may stand at the end of the axis: half of its text lies beyond. */
export function tickRoom(data: PlotData): number {
  return Math.ceil(formatTick(data.times.at(-1) ?? 0, spanOf(data)).length * 3.2)
}

/** To the end of the last slot, whatever is drawn: charts that stand one above the other have the same times in the same places. */
export function xRange({ times }: PlotData, min: number, max: number): [number, number] {
  const first = (times[0] ?? min * 1000) / 1000
  const last = (times.at(-1) ?? max * 1000) / 1000
  const step = ((times[1] ?? 0) - (times[0] ?? 0)) / 1000
  return [first, last + Math.max(step, 1)]
}

const [MINUTE, HOUR, DAY] = [60, 3_600, 86_400]
/** Steps of the time axis in seconds; with 2 and 20 of them a narrow chart has more than one time. Months and years as uPlot counts them: it finds their beginnings. */
export const X_STEPS: readonly number[] = [
  ...[1, 2, 5, 10, 15, 30],
  ...[1, 2, 5, 10, 15, 20, 30].map((minutes) => minutes * MINUTE),
  ...[1, 2, 3, 4, 6, 8, 12].map((hours) => hours * HOUR),
  ...[1, 2, 3, 5, 7, 10, 15].map((days) => days * DAY),
  ...[1, 2, 3, 4, 6].map((months) => months * 30 * DAY),
  ...[1, 2, 5, 10, 25, 50, 100].map((years) => years * 365 * DAY),
]

/** What an axis that does not begin at zero shows at least, as a share of its values: less would make a mountain of one percent. */
const LEAST_SPAN = 0.2

/** From zero, so that heights may be compared; lines that stay far from it are shown closer. Never flat. */
export function yRange(min: number | null, max: number | null, kind: PlotOptions['kind']): [number, number] {
  if (kind === 'line' && min !== null && max !== null && max > min && min > max * 0.6) {
    const room = Math.max((max - min) * 1.25, max * LEAST_SPAN)
    const middle = (min + max) / 2
    return [Math.max(0, middle - room / 2), middle + room / 2]
  }
  const top = Math.max(max ?? 0, 0)
  const bottom = Math.min(min ?? 0, 0)
  return [bottom * 1.05, top === 0 && bottom === 0 ? 1 : top * 1.08]
}
