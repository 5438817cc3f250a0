import { useRef, useState } from 'preact/hooks'
import type { Panel, PanelAnswer } from '../../panels/panel.ts'
import { Bars } from '../charts/bars.tsx'
import { Completeness } from '../charts/completeness.tsx'
import { Funnel } from '../charts/funnel.tsx'
import { Quantiles } from '../charts/quantiles.tsx'
import { Stats } from '../charts/stats.tsx'
import { DataTable } from '../charts/table.tsx'
import { TimeChart } from '../charts/time-chart.tsx'
import type { Alert } from '../data/api.ts'
import { columnsOf } from '../data/columns.ts'
import { withoutSeries } from '../data/series.ts'
import { type Asked, type Known, useAnswer } from '../data/use-answer.ts'
import { download, fileName } from '../export/download.ts'
import { toCsv, toJson } from '../export/rows.ts'
import { formatBytes, formatMs, formatNumber } from '../format/number.ts'
import { openInEditor } from '../state/editor-link.ts'
import { fixedRange } from '../state/span.ts'
import { go } from '../state/use-view.ts'
import { leadTo, type View } from '../state/view.ts'
import { Trouble } from './trouble.tsx'

interface Props {
  readonly panel: Panel
  readonly view: View
  readonly asked: Asked
  readonly currency: string
  /** Of this panel, those that are not well. */
  readonly alerts: readonly Alert[]
  /** Filters that are set and that this panel does not know. */
  readonly unheard: readonly string[]
  readonly onZoom: (from: number, to: number) => void
}

/** One panel: its chart or its table, what it took, and the ways on: its SQL, its rows, its data as a file. */
export function PanelCard({ panel, view, asked, currency, alerts, unheard, onZoom }: Props) {
  const known = useAnswer(panel, asked)
  const [asTable, setAsTable] = useState(false)
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set())
  const order = useRef<readonly (readonly unknown[])[] | undefined>(undefined)
  const { answer } = known
  const drills = panel.drill !== undefined
  const drill = (row: Readonly<Record<string, unknown>>, range?: string) => {
    if (!panel.drill) return
    const filled = Object.entries(panel.drill.with).flatMap(([parameter, column]) =>
      row[column] === undefined || row[column] === null ? [] : [[parameter, String(row[column])]],
    )
    go(
      leadTo(view, `rows/${panel.drill.rows}`, {
        ...asked.values,
        ...Object.fromEntries(filled),
        from: view.path,
        ...(range && { range }),
      }),
    )
  }
  /** What an export holds: the table as it is sorted, or the chart without what is switched off in it. */
  const shown = () => {
    if (!answer) return { columns: [], rows: [], currency }
    if (!asTable && panel.chart !== 'table') return { ...withoutSeries(answer, hidden), currency }
    return { columns: columnsOf(answer), rows: order.current ?? answer.rows, currency }
  }
  const openSql = () => openInEditor(panel.sql, answer?.parameters ?? {})
  const canBeTable = panel.chart !== 'table'
  const table = answer && (
    <DataTable
      answer={answer}
      currency={currency}
      caption={panel.title}
      onPick={drills ? (row) => drill(row) : undefined}
      onOrder={(rows) => {
        order.current = rows
      }}
    />
  )
  return (
    <section
      class={`card w-${panel.width} chart-${panel.chart}`}
      aria-labelledby={`t-${panel.id}`}
      aria-busy={known.loading}
      data-panel={panel.id}
    >
      <header>
        <div>
          <h2 id={`t-${panel.id}`}>
            {panel.title}
            {alerts.map(({ name, phase }) => (
              <span key={name} class={`badge ${phase}`} title={`The alert ${name} is ${phase}`}>
                {phase === 'firing' ? 'Alert' : phase === 'pending' ? 'Alert pending' : 'Alert clearing'}
              </span>
            ))}
          </h2>
          {panel.about && <p class="about">{panel.about}</p>}
        </div>
        <div class="tools">
          {canBeTable && (
            <button
              type="button"
              aria-pressed={asTable}
              onClick={() => setAsTable(!asTable)}
              title="The same as a table"
            >
              Table
            </button>
          )}
          <button type="button" onClick={openSql} title="The question behind this panel, in the editor">
            SQL
          </button>
          <button
            type="button"
            disabled={!answer}
            onClick={() => download(fileName(panel.title, new Date(), 'csv'), 'text/csv;charset=utf-8', toCsv(shown()))}
            title="What is shown, for a spreadsheet"
          >
            CSV
          </button>
          <button
            type="button"
            disabled={!answer}
            onClick={() => download(fileName(panel.title, new Date(), 'json'), 'application/json', toJson(shown()))}
            title="What is shown, as JSON"
          >
            JSON
          </button>
        </div>
      </header>
      <div class="body">
        {!answer && !known.error && <Skeleton chart={panel.chart} />}
        {!answer && known.error && <Trouble error={known.error} onRetry={asked.ticker.refresh} />}
        {answer && known.error && <Stale known={known} />}
        {answer && (
          <div class={known.error ? 'stale' : undefined}>
            {asTable || panel.chart === 'table' ? (
              answer.rows.length === 0 ? (
                <Empty panel={panel} />
              ) : (
                table
              )
            ) : (
              <Chart
                panel={panel}
                known={known}
                currency={currency}
                hidden={hidden}
                onHide={setHidden}
                onZoom={onZoom}
                drill={drills ? drill : undefined}
              />
            )}
          </div>
        )}
      </div>
      {answer && (
        <footer>
          <span>
            {formatMs(answer.statistics.elapsedMs)} · {formatNumber(answer.statistics.rowsRead)} rows,{' '}
            {formatBytes(answer.statistics.bytesRead)} read
          </span>
          {answer.truncated && <span class="warn">only the first {formatNumber(answer.rows.length)} rows</span>}
          {unheard.length > 0 && <span>not filtered by {unheard.join(', ')}</span>}
          {asked.compare && !isCompared(panel, answer) && <span>not compared with before</span>}
        </footer>
      )}
    </section>
  )
}

/** Whether the period before shows: not where it has no meaning, nor where it would be one line among several. */
function isCompared({ chart, compare }: Panel, answer: PanelAnswer): boolean {
  if (!compare || ['table', 'funnel', 'quantiles', 'completeness'].includes(chart)) return false
  if (chart !== 'line' && chart !== 'area') return true
  const [, ...values] = columnsOf(answer)
  return values[0]?.kind === 'text' ? new Set(answer.rows.map((row) => row[1])).size <= 1 : values.length === 1
}

interface ChartProps {
  readonly panel: Panel
  readonly known: Known
  readonly currency: string
  readonly hidden: ReadonlySet<string>
  readonly onHide: (hidden: ReadonlySet<string>) => void
  readonly onZoom: (from: number, to: number) => void
  readonly drill: ((row: Readonly<Record<string, unknown>>, range?: string) => void) | undefined
}

function Chart({ panel, known: { answer, previous, span }, currency, hidden, onHide, onZoom, drill }: ChartProps) {
  if (!answer || !span) return null
  switch (panel.chart) {
    case 'stats':
      return <Stats answer={answer} previous={previous} currency={currency} />
    case 'completeness':
      return <Completeness answer={answer} />
    case 'line':
    case 'area':
    case 'columns':
      if (answer.rows.length === 0 && !previous?.rows.length) return <Empty panel={panel} />
      return (
        <TimeChart
          panel={panel}
          answer={answer}
          previous={previous}
          span={span}
          currency={currency}
          hidden={hidden}
          onHide={onHide}
          onZoom={onZoom}
          onPick={drill && ((from, to, row) => drill(row, fixedRange(from, to)))}
        />
      )
    default:
  }
  if (answer.rows.length === 0 && !(panel.chart === 'bars' && previous?.rows.length)) return <Empty panel={panel} />
  if (panel.chart === 'funnel') return <Funnel panel={panel} answer={answer} onPick={drill} />
  if (panel.chart === 'quantiles') return <Quantiles panel={panel} answer={answer} onPick={drill} />
  return <Bars panel={panel} answer={answer} previous={previous} currency={currency} onPick={drill} />
}

function Skeleton({ chart }: { chart: string }) {
  return (
    <div class={`skeleton s-${chart}`} role="status">
      <span class="visually-hidden">Loading</span>
    </div>
  )
}

function Empty({ panel }: { panel: Panel }) {
  return (
    <p class="empty">
      <strong>{panel.empty ?? 'Nothing in this time.'}</strong>
      {!panel.empty && ' Take a longer range, or fewer filters.'}
    </p>
  )
}

function Stale({ known }: { known: Known }) {
  const seconds = Math.round((Date.now() - (known.at ?? 0)) / 1000)
  return (
    <p class="stale-note" role="alert">
      <strong>{formatMs(seconds * 1000)} old.</strong> {known.error?.message} It is asked again at the next refresh, and
      with r.
    </p>
  )
}
