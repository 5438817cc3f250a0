import uPlot from 'uplot'
import { formatTick } from '../format/time.ts'
import { colorOf } from './palette.ts'
import { lonely, spanOf, tickRoom, X_STEPS, xRange, yRange } from './scales.ts'

export interface PlotSeries {
  readonly label: string
  readonly color: string
  readonly values: readonly (number | null)[]
  /** Drawn behind, dashed and grey: the period before. */
  readonly faded?: boolean
}

export interface PlotData {
  readonly times: readonly number[]
  readonly series: readonly PlotSeries[]
  /** The last slot is still filling. */
  readonly open: boolean
}

export interface PlotOptions {
  readonly kind: 'line' | 'area' | 'columns'
  readonly formatTicks: (values: readonly number[]) => readonly string[]
  /** The steps that these may have on an axis of this length, rising. */
  readonly tickSteps: (range: number) => number[]
  readonly onCursor: (index: number | null, left: number, top: number) => void
  readonly onZoom: (from: number, to: number) => void
  readonly onPick: (index: number) => void
}

const LEAST_HEIGHT = 200
/** Pixels: less is a click. */
const LEAST_DRAG = 4
/** Room for €100K: charts that stand one above the other mostly begin at the same place. */
const LEAST_AXIS = 52
/** One cursor and one zoom for all charts of the page. */
const SYNC = 'dashboard'

export interface Plot {
  update(data: PlotData): void
  resize(width: number, height: number): void
  destroy(): void
}

/** A time chart on a canvas. Columns are stacked; lines and areas are not. Drawing anew never empties it. */
export function createPlot(host: HTMLElement, data: PlotData, options: PlotOptions): Plot {
  let shape = shapeOf(data)
  // What is drawn now: the axes are asked for it anew with each drawing, as time moves on without the chart being made again.
  let current = data
  let plot = draw(data)

  function draw(now: PlotData): uPlot {
    const made = optionsOf(
      now,
      () => current,
      options,
      (index) => options.onPick(index),
    )
    return new uPlot(
      { ...made, width: Math.max(host.clientWidth, 100), height: Math.max(host.clientHeight, LEAST_HEIGHT) },
      alignedData(now, options.kind),
      host,
    )
  }
  return {
    update(next) {
      const same = shapeOf(next) === shape
      current = next
      shape = shapeOf(next)
      if (same) return plot.setData(alignedData(next, options.kind))
      const old = plot
      plot = draw(next)
      old.destroy()
    },
    resize(width, height) {
      const size = { width, height: Math.max(height, LEAST_HEIGHT) }
      if (size.width !== plot.width || size.height !== plot.height) plot.setSize(size)
    },
    destroy: () => plot.destroy(),
  }
}

function shapeOf({ series, open }: PlotData): string {
  return JSON.stringify([open, series.map(({ label, color, faded }) => [label, color, faded])])
}

/** Order of drawing: the period before, then stacks from the top down so that each covers what is under it. */
function layers(
  { series }: PlotData,
  kind: PlotOptions['kind'],
): readonly { series: PlotSeries; values: readonly (number | null)[] }[] {
  const faded = series.filter((one) => one.faded).map((one) => ({ series: one, values: one.values }))
  const own = series.filter((one) => !one.faded)
  if (kind !== 'columns') return [...faded, ...own.map((one) => ({ series: one, values: one.values }))]
  const sums: number[] = []
  const stacked = own.map((one) => ({
    series: one,
    values: one.values.map((value, index) => {
      sums[index] = (sums[index] ?? 0) + (value ?? 0)
      return sums[index] ?? 0
    }),
  }))
  return [...faded, ...stacked.reverse()]
}

function alignedData(data: PlotData, kind: PlotOptions['kind']): uPlot.AlignedData {
  const seconds = data.times.map((ms) => ms / 1000)
  const last = seconds.length - 1
  const values = layers(data, kind).flatMap(({ series, values: all }) => {
    if (kind === 'columns' || series.faded || !data.open) return [[...all]]
    // A line's last step, into the slot that is still filling, is a dashed one of its own.
    return [
      all.map((value, index) => (index === last ? null : value)),
      all.map((value, index) => (index >= last - 1 ? value : null)),
    ]
  })
  return [seconds, ...values] as uPlot.AlignedData
}

function optionsOf(
  data: PlotData,
  current: () => PlotData,
  { kind, formatTicks, tickSteps, onCursor, onZoom }: PlotOptions,
  onPick: (index: number) => void,
): Omit<uPlot.Options, 'width' | 'height'> {
  const [text, grid, faint] = [colorOf('--muted'), colorOf('--grid'), colorOf('--faint')]
  const font = '11px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif'
  const { bars } = uPlot.paths
  const series = layers(data, kind).flatMap(({ series: one }): uPlot.Series[] => {
    const common = { label: one.label, points: { show: false }, spanGaps: false }
    if (one.faded) return [{ ...common, stroke: faint, width: 1.5, dash: [4, 4] }]
    if (kind === 'columns')
      return [
        {
          ...common,
          fill: one.color,
          width: 0,
          paths: bars?.({ size: [0.82, 64], align: 1, radius: 0.12 }) as uPlot.Series.PathBuilder,
        },
      ]
    const line = { ...common, stroke: one.color, width: 2, ...(kind === 'area' && { fill: `${one.color}22` }) }
    // A value alone between two gaps would not show without a point.
    const points: uPlot.Series.Points = {
      show: true,
      filter: (plot, index) => lonely(plot.data[index] as (number | null)[]),
      size: 5,
      width: 0,
      fill: one.color,
    }
    return data.open
      ? [
          { ...line, points },
          { ...line, points, dash: [2, 3] },
        ]
      : [{ ...line, points }]
  })
  return {
    padding: [10, () => tickRoom(current()), 0, 0],
    legend: { show: false },
    cursor: {
      sync: { key: SYNC, setSeries: false },
      // Whether it was a click or a drag is decided by how far it went (see init); uPlot takes a tremble for a drag.
      drag: { x: true, y: false, setScale: false, click: () => {} },
      points: { show: kind !== 'columns', size: 7 },
    },
    select: { show: true, left: 0, top: 0, width: 0, height: 0 },
    scales: {
      x: { time: true, range: (_plot, min, max) => xRange(current(), min, max) },
      y: { range: (_plot, min, max) => yRange(min, max, kind) },
    },
    axes: [
      {
        stroke: text,
        font,
        size: 30,
        gap: 6,
        space: () => Math.max(70, tickRoom(current()) * 2 + 16),
        incrs: [...X_STEPS],
        grid: { show: false },
        ticks: { stroke: grid, size: 4, width: 1 },
        values: (_plot, splits) => splits.map((split) => formatTick(split * 1000, spanOf(current()))),
      },
      {
        stroke: text,
        font,
        size: (plot, values) => axisSize(plot, values),
        gap: 6,
        space: 38,
        grid: { stroke: grid, width: 1 },
        ticks: { show: false },
        border: { show: false },
        values: (_plot, splits) => [...formatTicks(splits)],
        incrs: (_plot, _axis, min, max) => tickSteps(max - min),
      },
    ],
    series: [{}, ...series],
    hooks: {
      init: [
        (plot) => {
          let down = 0
          plot.over.addEventListener('mousedown', (event) => {
            down = event.clientX
          })
          plot.over.addEventListener('click', (event) => {
            const index = indexUnder(plot, kind)
            if (index !== null && Math.abs(event.clientX - down) < LEAST_DRAG) onPick(index)
          })
        },
      ],
      setCursor: [(plot) => onCursor(indexUnder(plot, kind), plot.cursor.left ?? -1, plot.cursor.top ?? -1)],
      setSelect: [
        (plot) => {
          const { left, width: selected } = plot.select
          if (selected >= LEAST_DRAG)
            onZoom(plot.posToVal(left, 'x') * 1000, plot.posToVal(left + selected, 'x') * 1000)
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
        },
      ],
    },
  }
}

/** The slot that the cursor is at: of a line the nearest point, of columns the one that it is in, which begins at its time and goes to the next. */
function indexUnder(plot: uPlot, kind: PlotOptions['kind']): number | null {
  const { idx, left = -1 } = plot.cursor
  if (idx === null || idx === undefined || left < 0) return null
  return kind === 'columns' && plot.posToVal(left, 'x') < (plot.data[0][idx] ?? 0) ? Math.max(0, idx - 1) : idx
}

function axisSize(plot: uPlot, values: readonly string[] | null): number {
  const longest = (values ?? []).reduce((most, value) => Math.max(most, value?.length ?? 0), 0)
  plot.ctx.font = `${11 * devicePixelRatio}px system-ui`
  return Math.max(LEAST_AXIS, Math.ceil(plot.ctx.measureText('0'.repeat(longest)).width / devicePixelRatio) + 14)
}
