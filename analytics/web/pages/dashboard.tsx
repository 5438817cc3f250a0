import { useEffect, useMemo } from 'preact/hooks'
import type { Fault, Panel } from '../../panels/panel.ts'
import { useAlerts } from '../data/use-alerts.ts'
import { useFilters } from '../data/use-filters.ts'
import { useTicker } from '../data/use-ticker.ts'
import { Alerts, AllAlerts } from '../parts/alerts.tsx'
import { Controls } from '../parts/controls.tsx'
import { PanelCard } from '../parts/panel-card.tsx'
import { useKeys } from '../parts/use-keys.ts'
import { DEFAULT_RANGE, fixedRange, resolveSpan } from '../state/span.ts'
import { go } from '../state/use-view.ts'
import { type View, withParams } from '../state/view.ts'

export const DEFAULT_REFRESH = '10'

interface Props {
  readonly name: string
  readonly panels: readonly Panel[]
  readonly faults: readonly Fault[]
  readonly view: View
}

/** The panels of one page, with the time and the filters that all of them share. */
export function Dashboard({ name, panels, faults, view }: Props) {
  const range = view.params.range ?? DEFAULT_RANGE
  const refresh = view.params.refresh ?? DEFAULT_REFRESH
  const compare = view.params.compare === '1'
  const ticker = useTicker(Number(refresh) || 0)
  // Dependencies: a relative range moves on with each tick
  const span = useMemo(() => resolveSpan(range, Date.now()), [range, ticker.tick])
  const own = panels.filter((panel) => panel.dashboard === name)
  const { filters, values, ready } = useFilters(panels, own, view, { range, span, ticker })
  const alerts = useAlerts(ticker)
  const asked = { range, span, values, compare, ticker, ready }
  useEffect(() => {
    document.title = `${name} · eshop analytics`
  }, [name])
  useKeys({ r: ticker.refresh, c: () => go(withParams(view, { compare: compare ? '' : '1' }), { replace: true }) })
  const set = filters.filter(({ value, panel }) => value !== '' && !panel.required)
  return (
    <main id="main" tabIndex={-1} aria-label={name}>
      <h1 class="visually-hidden">{name}</h1>
      <Controls
        view={view}
        range={range}
        span={span}
        refresh={refresh}
        compare={compare}
        filters={filters}
        onRefresh={ticker.refresh}
        onChange={(params) => go(withParams(view, params))}
      />
      <Alerts alerts={alerts} panels={panels} view={view} currency={values.currency ?? ''} />
      {faults.length > 0 && <Faults faults={faults} />}
      <div class="grid">
        {own.map((panel) => (
          <PanelCard
            key={panel.id}
            panel={panel}
            view={view}
            asked={asked}
            alerts={alerts.filter((alert) => alert.panel === panel.id && alert.phase !== 'ok')}
            currency={values.currency ?? ''}
            unheard={
              panel.chart === 'completeness'
                ? []
                : set
                    .filter((one) => !panel.parameters.some((parameter) => parameter.name === one.name))
                    .map((one) => one.panel.title.toLowerCase())
            }
            onZoom={(from, to) => go(withParams(view, { range: fixedRange(Math.floor(from), Math.ceil(to)) }))}
          />
        ))}
      </div>
      <AllAlerts alerts={alerts} currency={values.currency ?? ''} />
      <p class="keys">
        <kbd>1</kbd>–<kbd>5</kbd> pages <kbd>r</kbd> refresh <kbd>c</kbd> compare <kbd>e</kbd> SQL · drag over a chart
        to zoom, click it for its rows · <a href="/docs">REST API</a>
      </p>
    </main>
  )
}

function Faults({ faults }: { faults: readonly Fault[] }) {
  return (
    <div class="faults" role="alert">
      <strong>
        {faults.length === 1 ? 'A panel file is not valid' : `${faults.length} faults in panel files`}, so its panel is
        not here:
      </strong>
      <ul>
        {faults.map(({ file, line, message }) => (
          <li key={`${file} ${line} ${message}`}>
            <code>
              {file}:{line}
            </code>{' '}
            {message}
          </li>
        ))}
      </ul>
    </div>
  )
}
