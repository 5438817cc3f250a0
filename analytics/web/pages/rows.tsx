import { useEffect, useMemo, useRef } from 'preact/hooks'
import type { Panel } from '../../panels/panel.ts'
import { DataTable } from '../charts/table.tsx'
import { columnsOf } from '../data/columns.ts'
import { useAnswer } from '../data/use-answer.ts'
import { useTicker } from '../data/use-ticker.ts'
import { download, fileName } from '../export/download.ts'
import { toCsv, toJson } from '../export/rows.ts'
import { headingOf, labelOf } from '../format/label.ts'
import { formatMs, formatNumber } from '../format/number.ts'
import { formatSpan } from '../format/time.ts'
import { Trouble } from '../parts/trouble.tsx'
import { openInEditor } from '../state/editor-link.ts'
import { DEFAULT_RANGE, resolveSpan } from '../state/span.ts'
import { go } from '../state/use-view.ts'
import { leadTo, type View, withParams } from '../state/view.ts'

const UUID = /^[0-9a-f-]{36}$/
const NO_PARAMETERS = new Set(['from', 'range', 'refresh', 'compare', 'named'])

/** What a bar, a point or a step is made of, row by row. */
export function Rows({ panel, view }: { readonly panel: Panel; readonly view: View }) {
  const range = view.params.range ?? DEFAULT_RANGE
  const ticker = useTicker(0)
  // Dependencies: a relative range moves on with each refresh
  const span = useMemo(() => resolveSpan(range, Date.now()), [range, ticker.tick])
  const values = Object.fromEntries(Object.entries(view.params).filter(([name]) => !NO_PARAMETERS.has(name)))
  const { answer, error, loading } = useAnswer(panel, { range, span, values, compare: false, ticker, ready: true })
  const order = useRef<readonly (readonly unknown[])[] | undefined>(undefined)
  useEffect(() => {
    document.title = `${panel.title} · eshop analytics`
  }, [panel.title])
  const currency = values.currency ?? ''
  const shown = () => ({
    columns: answer ? columnsOf(answer) : [],
    rows: (answer?.rows.length && order.current) || (answer?.rows ?? []),
    currency,
  })
  const chosen = Object.entries(values).filter(
    ([name, value]) => value !== '' && panel.parameters.some((one) => one.name === name),
  )
  return (
    <main id="main" tabIndex={-1}>
      <div class="page-head">
        <p class="crumbs">
          <button
            type="button"
            class="link"
            onClick={() => (history.length > 1 ? history.back() : go(leadTo(view, view.params.from ?? '')))}
          >
            ← Back
          </button>
        </p>
        <h1>{panel.title}</h1>
        <p class="about">{panel.about}</p>
        <ul class="chips">
          {panel.parameters.some(({ name }) => name === 'from') && (
            <li class="time">{formatSpan(span.from, span.to)}</li>
          )}
          {chosen.map(([name, value]) => (
            <li key={name}>
              {headingOf(name)}:{' '}
              <b title={value}>{UUID.test(value) ? (view.params.named ?? value) : labelOf(name, value)}</b>
              <button
                type="button"
                aria-label={`Without ${headingOf(name)}`}
                onClick={() => go(withParams(view, { [name]: '' }))}
              >
                ×
              </button>
            </li>
          ))}
        </ul>
      </div>
      <section class="card w-full" aria-busy={loading} aria-label={panel.title}>
        <header>
          <p class="about">
            {answer
              ? `${formatNumber(answer.rows.length)}${answer.truncated || answer.rows.length === 1_000 ? ' or more' : ''} rows · ${formatMs(answer.statistics.elapsedMs)}`
              : 'Loading …'}
          </p>
          <div class="tools">
            <button type="button" onClick={() => openInEditor(panel.sql, answer?.parameters ?? {})}>
              SQL
            </button>
            <button
              type="button"
              disabled={!answer}
              onClick={() =>
                download(fileName(panel.title, new Date(), 'csv'), 'text/csv;charset=utf-8', toCsv(shown()))
              }
            >
              CSV
            </button>
            <button
              type="button"
              disabled={!answer}
              onClick={() => download(fileName(panel.title, new Date(), 'json'), 'application/json', toJson(shown()))}
            >
              JSON
            </button>
          </div>
        </header>
        {error && <Trouble error={error} onRetry={ticker.refresh} />}
        {answer && answer.rows.length === 0 && (
          <p class="empty">
            <strong>No rows.</strong> Take a filter away, or a longer range.
          </p>
        )}
        {answer && answer.rows.length > 0 && (
          <DataTable
            answer={answer}
            currency={currency}
            caption={panel.title}
            onOrder={(rows) => {
              order.current = rows
            }}
          />
        )}
      </section>
    </main>
  )
}
