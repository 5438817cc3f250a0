import type { Panel, PanelAnswer } from '../../panels/panel.ts'
import { previousSpan } from '../state/span.ts'
import { columnsOf } from './columns.ts'
import { switchedOff, timeDataOf, withoutSeries } from './series.ts'
import type { Known } from './use-answer.ts'

const TIME_CHARTS: readonly string[] = ['line', 'area', 'columns']

export function isTimeChart({ chart }: Pick<Panel, 'chart'>): boolean {
  return TIME_CHARTS.includes(chart)
}

/** Whether the period before shows: not where it has no meaning, nor where it would be one line among several. */
export function isCompared({ chart, compare }: Pick<Panel, 'chart' | 'compare'>, answer: PanelAnswer): boolean {
  if (!compare || ['table', 'funnel', 'quantiles', 'completeness'].includes(chart)) return false
  if (chart !== 'line' && chart !== 'area') return true
  const [, ...values] = columnsOf(answer)
  return values[0]?.kind === 'text' ? new Set(answer.rows.map((row) => row[1])).size <= 1 : values.length === 1
}

/** The column that tells which period a row is of, where two are shown. */
export const PERIOD = 'period'

export interface Shown {
  readonly columns: PanelAnswer['columns']
  readonly rows: PanelAnswer['rows']
  /** What the legend calls the series that are switched off. */
  readonly off: readonly string[]
}

/**
 * The rows of what a panel shows, for its table and its files alike: without the series that are switched off in the chart, and where the period before is
 * drawn, with its rows too, told apart by the column `period`.
 */
export function shownOf(
  panel: Pick<Panel, 'chart' | 'compare' | 'gaps'>,
  { answer, previous, span }: Pick<Known, 'answer' | 'previous' | 'span'>,
  hidden: ReadonlySet<string>,
): Shown {
  if (!answer || !span) return { columns: [], rows: [], off: [] }
  const data = isTimeChart(panel) && hidden.size > 0 ? timeDataOf(answer, span, panel.gaps) : undefined
  const now = data ? withoutSeries(answer, data, hidden) : answer
  const off = data ? switchedOff(data, hidden) : []
  if (!previous || !isCompared(panel, answer)) return { columns: now.columns, rows: now.rows, off }
  const before = data ? withoutSeries(previous, timeDataOf(previous, previousSpan(span), panel.gaps), hidden) : previous
  return {
    columns: [...now.columns, { name: PERIOD, type: 'String' }],
    rows: [...now.rows.map((row) => [...row, 'now']), ...before.rows.map((row) => [...row, 'before'])],
    off,
  }
}
