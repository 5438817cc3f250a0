import type { Gaps, PanelAnswer } from '../../panels/panel.ts'
import { type Span, slotsOf } from '../state/span.ts'
import { type Column, columnsOf, isNumeric, toNumber } from './columns.ts'

export interface Series {
  /** What the legend says, and what a drill finds in the `series` column. */
  readonly name: string
  readonly values: readonly (number | null)[]
}

export interface TimeData {
  /** Beginnings of the slots, milliseconds. */
  readonly times: readonly number[]
  readonly series: readonly Series[]
  /** The column whose values are the series' names, if there is one. */
  readonly by: string | undefined
}

/**
 * The answer of a time chart: its first column is the time of the slot. A text column after it tells the series (long form); otherwise each number
 * column is one (wide form). Every slot of the span gets a value, by what gaps mean.
 */
export function timeDataOf(answer: PanelAnswer, span: Span, gaps: Gaps): TimeData {
  const times = slotsOf(span)
  const place = new Map(times.map((time, index) => [time, index]))
  const columns = columnsOf(answer)
  const by = columns.find((column, index) => index > 0 && column.kind === 'text')
  const numbers = columns.filter((column, index) => index > 0 && isNumeric(column))
  const valueColumns = by ? numbers.slice(0, 1) : numbers
  const found = new Map<string, (number | null)[]>()
  for (const row of answer.rows) {
    const at = placeOf(Date.parse(String(row[0])), times, place)
    if (at === undefined) continue
    for (const column of valueColumns) {
      const name = by ? String(row[by.index]) : column.name
      const values = found.get(name) ?? new Array<number | null>(times.length).fill(null)
      found.set(name, values)
      values[at] = toNumber(row[column.index])
    }
  }
  const series = [...found].map(([name, values]) => ({ name, values: filled(values, gaps) }))
  return { times, by: by?.name, series: ranked(foldedRest(series)) }
}

/** What of an answer shows in its chart while some series are hidden: their rows are left out, or in wide form their columns. */
export function withoutSeries(
  answer: PanelAnswer,
  hidden: ReadonlySet<string>,
): { readonly columns: readonly Column[]; readonly rows: PanelAnswer['rows'] } {
  const columns = columnsOf(answer)
  const by = columns.find((column, index) => index > 0 && column.kind === 'text')
  return by
    ? { columns, rows: answer.rows.filter((row) => !hidden.has(String(row[by.index]))) }
    : { columns: columns.filter(({ name }) => !hidden.has(name)), rows: answer.rows }
}

const MOST_SERIES = 8
export const REST = 'Others'

/** More series than there are colours: the smallest are told as one. */
function foldedRest(series: readonly Series[]): readonly Series[] {
  if (series.length <= MOST_SERIES) return series
  const total = ({ values }: Series) => values.reduce<number>((sum, value) => sum + (value ?? 0), 0)
  const bySize = series.toSorted((a, b) => total(b) - total(a))
  const kept = new Set(bySize.slice(0, MOST_SERIES - 1))
  const rest = bySize.slice(MOST_SERIES - 1)
  const values =
    rest[0]?.values.map((_value, index) => rest.reduce((sum, one) => sum + (one.values[index] ?? 0), 0)) ?? []
  return [...series.filter((one) => kept.has(one)), { name: REST, values }]
}

/** What went well stands at the bottom of a stack and first in the legend, what went wrong last. */
const RANK = [
  'Paid or shipped',
  'Paid',
  'SUCCEEDED',
  'Succeeded',
  'SOLD',
  'RECEIVED',
  'In progress',
  'RESERVED',
  'RELEASED',
  'Refunded',
  'Cancelled',
  'FAILED',
  'Failed',
  'TIMED_OUT',
  'LOST',
]

function ranked(series: readonly Series[]): readonly Series[] {
  if (!series.every(({ name }) => RANK.includes(name))) return series
  return series.toSorted((a, b) => RANK.indexOf(a.name) - RANK.indexOf(b.name))
}

/** ClickHouse and the browser cut a day with a clock change differently: a time between two slots goes to the earlier one. */
function placeOf(ms: number, times: readonly number[], place: ReadonlyMap<number, number>): number | undefined {
  const exact = place.get(ms)
  if (exact !== undefined || Number.isNaN(ms)) return exact
  const after = times.findIndex((time) => time > ms)
  if (after === 0) return undefined
  return after === -1 ? times.length - 1 : after - 1
}

function filled(values: readonly (number | null)[], gaps: Gaps): readonly (number | null)[] {
  if (gaps === 'open') return values
  let last: number | null = null
  return values.map((value) => {
    if (gaps === 'zero') return value ?? 0
    last = value ?? last
    return last
  })
}
