import type { Gaps, PanelAnswer } from '../../panels/panel.ts'
import { headingOf, labelOf } from '../format/label.ts'
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
  /** Names of what is told as {@link REST}. */
  readonly rest: ReadonlySet<string>
}

/**
 * The answer of a time chart: its first column is the time of the slot. A text column after it tells the series (long form); otherwise each number
 * column is one (wide form). Every slot of the span gets a value, by what gaps mean.
 */
export function timeDataOf(answer: PanelAnswer, span: Span, gaps: Gaps): TimeData {
  const times = slotsOf(span)
  const place = new Map(times.map((time, index) => [time, index]))
  const columns = columnsOf(answer)
  const by = seriesColumn(columns)
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
  const rest = restOf(series)
  return { times, by: by?.name, series: ranked(withRest(series, rest)), rest }
}

/**
 * What of an answer shows while some series are switched off: their rows are left out, or in wide form their columns, and with {@link REST} those of every
 * series that it tells together.
 */
export function withoutSeries(
  answer: PanelAnswer,
  { rest }: Pick<TimeData, 'rest'>,
  hidden: ReadonlySet<string>,
): Pick<PanelAnswer, 'columns' | 'rows'> {
  if (hidden.size === 0) return answer
  const off = (name: string) => hidden.has(rest.has(name) ? REST : name)
  const columns = columnsOf(answer)
  const by = seriesColumn(columns)
  if (by) return { columns: answer.columns, rows: answer.rows.filter((row) => !off(String(row[by.index]))) }
  const left = columns.filter((column, index) => index === 0 || !isNumeric(column) || !off(column.name))
  return {
    columns: left.flatMap(({ index }) => answer.columns[index] ?? []),
    rows: answer.rows.map((row) => left.map(({ index }) => row[index])),
  }
}

/** What the legend calls the series that are switched off, in its order. */
export function switchedOff({ series, by }: TimeData, hidden: ReadonlySet<string>): readonly string[] {
  return series.flatMap(({ name }) => (hidden.has(name) ? [seriesLabel(name, by)] : []))
}

export function seriesLabel(name: string, by: string | undefined): string {
  return by ? labelOf(by, name) : headingOf(name)
}

/** In long form, the column that tells the series. */
function seriesColumn(columns: readonly Column[]): Column | undefined {
  return columns.find((column, index) => index > 0 && column.kind === 'text')
}

const MOST_SERIES = 8
export const REST = 'Others'

/** More series than there are colours: the smallest are told as one. */
function restOf(series: readonly Series[]): ReadonlySet<string> {
  if (series.length <= MOST_SERIES) return new Set()
  const total = ({ values }: Series) => values.reduce<number>((sum, value) => sum + (value ?? 0), 0)
  return new Set(
    series
      .toSorted((a, b) => total(b) - total(a))
      .slice(MOST_SERIES - 1)
      .map(({ name }) => name),
  )
}

function withRest(series: readonly Series[], rest: ReadonlySet<string>): readonly Series[] {
  if (rest.size === 0) return series
  const told = series.filter(({ name }) => rest.has(name))
  const values =
    told[0]?.values.map((_value, index) => told.reduce((sum, one) => sum + (one.values[index] ?? 0), 0)) ?? []
  return [...series.filter(({ name }) => !rest.has(name)), { name: REST, values }]
}

/** What went well stands at the bottom of a stack and first in the legend, what went wrong last. */
const RANK = [
  'Submitted',
  'Stock reserved',
  'Paid or shipped',
  'Paid',
  'Shipped',
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
