import { useMemo, useRef } from 'preact/hooks'
import type { Panel } from '../../panels/panel.ts'
import { DataTable } from '../charts/table.tsx'
import type { Alert } from '../data/api.ts'
import { columnsOf } from '../data/columns.ts'
import { isCompared, isTimeChart, PERIOD, shownOf } from '../data/shown.ts'
import { type Asked, useAnswer } from '../data/use-answer.ts'
import { download, fileName } from '../export/download.ts'
import { toCsv, toJson } from '../export/rows.ts'
import { formatBytes, formatMs, formatNumber } from '../format/number.ts'
import { openInEditor } from '../state/editor-link.ts'
import { type PanelView, readPanelView, withPanelView } from '../state/panel-view.ts'
import { fixedRange, previousSpan, slotAt } from '../state/span.ts'
import { go } from '../state/use-view.ts'
import { leadTo, type View } from '../state/view.ts'
import { Empty, PanelChart } from './panel-chart.tsx'
import { Stale } from './stale.tsx'
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
  const { asTable, off } = readPanelView(view, panel.id)
  // Dependencies: the names as text, as each reading makes a list of its own
  const hidden = useMemo<ReadonlySet<string>>(() => new Set(off), [JSON.stringify(off)])
  const look = (next: Partial<PanelView>) =>
    go(withPanelView(view, panel.id, { asTable, off, ...next }), { replace: true })
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
        ...named(row),
      }),
    )
  }
  const table = useMemo(() => shownOf(panel, known, hidden), [panel, known.answer, known.previous, known.span, hidden])
  /** A row of a time chart leads to its own slot, as a click into the chart does; one of the period before, into that. */
  const pickRow = (row: Readonly<Record<string, unknown>>) => {
    const before = row[PERIOD] === 'before' && known.span ? previousSpan(known.span) : undefined
    const span = before ?? known.span
    const slot = isTimeChart(panel) && span ? slotAt(Date.parse(String(row.time)), span) : before
    drill(row, slot && fixedRange(slot.from, slot.to))
  }
  const isTable = asTable || panel.chart === 'table'
  /** What an export holds: the rows of what is shown, in the order of the table where that is shown. */
  const shown = () => ({
    columns: columnsOf(table),
    rows: (table.rows.length > 0 && isTable && order.current) || table.rows,
    currency,
  })
  const openSql = () => openInEditor(panel.sql, answer?.parameters ?? {})
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
          {panel.chart !== 'table' && (
            <button
              type="button"
              aria-pressed={asTable}
              onClick={() => look({ asTable: !asTable })}
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
        {answer && (
          <div class={known.error ? 'stale' : undefined}>
            {isTable ? (
              <>
                {table.off.length > 0 && (
                  <p class="off-note">
                    Without {table.off.join(', ')}: switched off in the chart.
                    <button type="button" class="link" onClick={() => look({ off: [] })}>
                      Show all
                    </button>
                  </p>
                )}
                {answer.rows.length + table.rows.length === 0 ? (
                  <Empty panel={panel} />
                ) : (
                  <DataTable
                    answer={table}
                    currency={currency}
                    caption={panel.title}
                    onPick={drills ? pickRow : undefined}
                    onOrder={(rows) => {
                      order.current = rows
                    }}
                  />
                )}
              </>
            ) : (
              <PanelChart
                panel={panel}
                known={known}
                currency={currency}
                hidden={hidden}
                onHide={(next) => look({ off: [...next] })}
                onZoom={onZoom}
                drill={drills ? drill : undefined}
              />
            )}
          </div>
        )}
      </div>
      {answer && (
        <footer>
          {known.error ? (
            <Stale at={known.at ?? 0} error={known.error} />
          ) : (
            <span>
              {formatMs(answer.statistics.elapsedMs)} · {formatNumber(answer.statistics.rowsRead)} rows
              <span class="roomy">, {formatBytes(answer.statistics.bytesRead)}</span> read
            </span>
          )}
          {answer.truncated && <span class="tell warn">only the first {formatNumber(answer.rows.length)} rows</span>}
          {unheard.length > 0 && <span class="tell">not filtered by {unheard.join(', ')}</span>}
          {asked.compare && !isCompared(panel, answer) && <span class="tell">not compared with before</span>}
        </footer>
      )}
    </section>
  )
}

/** What was clicked, in words, where the rows are found by an id: people know products by their names. */
function named(row: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  const [first] = Object.values(row)
  return Object.keys(row).some((name) => name.endsWith('_id')) && typeof first === 'string' ? { named: first } : {}
}

function Skeleton({ chart }: { chart: string }) {
  return (
    <div class={`skeleton s-${chart}`} role="status">
      <span class="visually-hidden">Loading</span>
    </div>
  )
}
