import type { Panel } from '../../panels/panel.ts'
import { Bars } from '../charts/bars.tsx'
import { Completeness } from '../charts/completeness.tsx'
import { Funnel } from '../charts/funnel.tsx'
import { Quantiles } from '../charts/quantiles.tsx'
import { Stats } from '../charts/stats.tsx'
import { TimeChart } from '../charts/time-chart.tsx'
import type { Known } from '../data/use-answer.ts'
import { fixedRange } from '../state/span.ts'

interface Props {
  readonly panel: Panel
  readonly known: Known
  readonly currency: string
  readonly hidden: ReadonlySet<string>
  readonly onHide: (hidden: ReadonlySet<string>) => void
  readonly onZoom: (from: number, to: number) => void
  readonly drill: ((row: Readonly<Record<string, unknown>>, range?: string) => void) | undefined
}

/** What a panel knows as the chart that its file names. */
export function PanelChart({
  panel,
  known: { answer, previous, span },
  currency,
  hidden,
  onHide,
  onZoom,
  drill,
}: Props) {
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

export function Empty({ panel }: { panel: Panel }) {
  return (
    <p class="empty">
      <strong>{panel.empty ?? 'Nothing in this time.'}</strong>
      {!panel.empty && ' Take a longer range, or fewer filters.'}
    </p>
  )
}
