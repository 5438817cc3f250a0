import type { ComponentChildren } from 'preact'
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { Panel, PanelAnswer } from '../../panels/panel.ts'
import { columnsOf } from '../data/columns.ts'
import { seriesLabel, timeDataOf } from '../data/series.ts'
import { formatTicks, tickSteps } from '../format/ticks.ts'
import { formatSpan } from '../format/time.ts'
import { formatUnit } from '../format/value.ts'
import type { Span } from '../state/span.ts'
import { previousSpan, shiftOf } from '../state/span.ts'
import { onTheme } from '../theme.ts'
import { colorNames, colorOf } from './palette.ts'
import { createPlot, type Plot, type PlotData } from './plot.ts'

interface Props {
  readonly panel: Panel
  readonly answer: PanelAnswer
  readonly previous?: PanelAnswer | undefined
  readonly span: Span
  readonly currency: string
  /** Names of series that are switched off; whoever exports the chart leaves them out. */
  readonly hidden: ReadonlySet<string>
  readonly onHide: (hidden: ReadonlySet<string>) => void
  readonly onZoom: (from: number, to: number) => void
  /** A slot was clicked; with the series' name where there is only one under it. */
  readonly onPick?: ((from: number, to: number, row: Readonly<Record<string, unknown>>) => void) | undefined
}

interface Cursor {
  readonly index: number
  readonly left: number
  readonly top: number
}

/** Values over time: lines, areas, or stacked columns. The table of the same panel is its form for keyboard and screen reader. */
export function TimeChart({ panel, answer, previous, span, currency, hidden, onHide, onZoom, onPick }: Props) {
  const kind = panel.chart === 'columns' ? 'columns' : panel.chart === 'area' ? 'area' : 'line'
  const host = useRef<HTMLDivElement>(null)
  const plot = useRef<Plot | undefined>(undefined)
  const [cursor, setCursor] = useState<Cursor | null>(null)
  // The cursor's line shows in all charts, the numbers only in the one that is pointed at.
  const [pointed, setPointed] = useState(false)
  const [theme, setTheme] = useState(0)

  const data = useMemo(() => timeDataOf(answer, span, panel.gaps), [answer, span, panel.gaps])
  const before = useMemo(
    () => (previous ? timeDataOf(previous, previousSpan(span), panel.gaps) : undefined),
    [previous, span, panel.gaps],
  )
  const names = data.series.map(({ name }) => name)
  const colors = colorNames(names)
  const name = (series: string) => seriesLabel(series, data.by)
  // Like with like: what is switched off is left out of both.
  const shownBefore = before?.series.filter((series) => !hidden.has(series.name))
  const totalBefore = shownBefore && data.times.map((_time, index) => sumAt(shownBefore, index))
  const compared = totalBefore !== undefined && comparable(names.length, kind)
  const shown = data.series.flatMap((series, index) =>
    hidden.has(series.name) ? [] : [{ series, color: colors[index] ?? '--c1' }],
  )

  // Dependencies: colours are read anew when the theme changes
  const drawn = useMemo<PlotData>(
    () => ({
      times: data.times,
      open: span.to < (data.times.at(-1) ?? 0) + span.stepSeconds * 1000,
      series: [
        ...shown.map(({ series, color }) => ({ label: series.name, color: colorOf(color), values: series.values })),
        ...(totalBefore && compared ? [{ label: 'before', color: '', values: totalBefore, faded: true }] : []),
      ],
    }),
    [data, before, hidden, theme],
  )

  useEffect(() => onTheme(() => setTheme((count) => count + 1)), [])
  const pick = useRef((_index: number) => {})
  pick.current = (index) => {
    const from = data.times[index]
    if (from === undefined || !onPick) return
    const only = shown.length === 1 ? shown[0]?.series.name : undefined
    onPick(from, data.times[index + 1] ?? from + span.stepSeconds * 1000, data.by && only ? { [data.by]: only } : {})
  }
  const zoom = useRef(onZoom)
  zoom.current = onZoom
  // Dependencies: made once per kind and theme; data is set below
  useEffect(() => {
    const element = host.current
    if (!element) return
    const made = createPlot(element, drawn, {
      kind,
      formatTicks: (values) => formatTicks(values, panel.unit, currency),
      tickSteps: (range) => tickSteps(panel.unit, range),
      onCursor: (index, left, top) => setCursor(index === null || left < 0 ? null : { index, left, top }),
      onZoom: (from, to) => zoom.current(from, to),
      onPick: (index) => pick.current(index),
    })
    plot.current = made
    const resize = new ResizeObserver(
      ([entry]) => entry && made.resize(Math.floor(entry.contentRect.width), Math.floor(entry.contentRect.height)),
    )
    resize.observe(element)
    return () => {
      resize.disconnect()
      made.destroy()
    }
  }, [kind, theme, currency, panel.unit])
  useEffect(() => plot.current?.update(drawn), [drawn])

  const toggle = (series: string) =>
    onHide(new Set(hidden.has(series) ? [...hidden].filter((one) => one !== series) : [...hidden, series]))
  // One that is named by a column of the answer may be any of them: only what the chart itself is about needs no legend.
  const named = columnsOf(answer)[1]?.kind === 'text'
  return (
    <div class="time-chart">
      {(names.length > 1 || named || compared) && (
        <ul class="legend">
          {(names.length > 1 || named ? names : []).map((series, index) => (
            <li key={series}>
              <button
                type="button"
                aria-pressed={!hidden.has(series)}
                onClick={() => toggle(series)}
                title="Show or hide"
              >
                <i class={`key ${kind}`} style={{ background: `var(${colors[index]})` }} />
                {name(series)}
              </button>
            </li>
          ))}
          {compared && (
            <li class="before">
              <i class="key dashed" /> Before: {formatSpan(span.from - shiftOf(span), span.to - shiftOf(span))}
            </li>
          )}
        </ul>
      )}
      <div
        class={`plot${onPick ? ' picks' : ''}`}
        ref={host}
        onMouseEnter={() => setPointed(true)}
        onMouseLeave={() => setPointed(false)}
        role="img"
        aria-label={`${panel.title}: chart over ${formatSpan(span.from, span.to)}. Its table holds the numbers.`}
      >
        {cursor && pointed && (
          <Tip cursor={cursor} width={host.current?.clientWidth ?? 0}>
            <strong>
              {formatSpan(
                data.times[cursor.index] ?? 0,
                data.times[cursor.index + 1] ?? (data.times[cursor.index] ?? 0) + span.stepSeconds * 1000,
              )}
            </strong>
            {shown.toReversed().map(({ series, color }) => (
              <span key={series.name}>
                <i class="key" style={{ background: `var(${color})` }} />
                <em>{name(series.name)}</em>
                <b>{told(series.values[cursor.index], panel, currency)}</b>
              </span>
            ))}
            {shown.length > 1 && kind === 'columns' && (
              <span class="total">
                <i class="key" />
                <em>Together</em>
                <b>
                  {told(
                    sumAt(
                      shown.map(({ series }) => series),
                      cursor.index,
                    ),
                    panel,
                    currency,
                  )}
                </b>
              </span>
            )}
            {totalBefore && compared && (
              <span class="before">
                <i class="key dashed" />
                <em>
                  Before,{' '}
                  {formatSpan(
                    (data.times[cursor.index] ?? 0) - shiftOf(span),
                    (data.times[cursor.index] ?? 0) - shiftOf(span) + span.stepSeconds * 1000,
                  )}
                </em>
                <b>{told(totalBefore[cursor.index], panel, currency)}</b>
              </span>
            )}
          </Tip>
        )}
      </div>
    </div>
  )
}

/** One line can be compared with its past, and a stack by its top; several lines would only be a tangle. */
function comparable(series: number, kind: string): boolean {
  return series <= 1 || kind === 'columns'
}

function sumAt(series: readonly { readonly values: readonly (number | null)[] }[], index: number): number | null {
  const values = series.flatMap((one) => one.values[index] ?? [])
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0)
}

function told(value: number | null | undefined, { unit }: Panel, currency: string): string {
  return value === null || value === undefined ? '–' : formatUnit(value, unit, currency)
}

const NARROW = 480

function Tip({ cursor, width, children }: { cursor: Cursor; width: number; children: ComponentChildren }) {
  const right = cursor.left > width / 2
  // Where there is no room beside the cursor it stands at the far edge.
  if (width < NARROW)
    return (
      <div class="tip" style={right ? { left: '0', top: '4px' } : { right: '0', top: '4px' }}>
        {children}
      </div>
    )
  const style = right
    ? { right: `${Math.max(0, width - cursor.left - 40)}px`, top: '4px' }
    : { left: `${cursor.left + 76}px`, top: '4px' }
  return (
    <div class="tip" style={style}>
      {children}
    </div>
  )
}
