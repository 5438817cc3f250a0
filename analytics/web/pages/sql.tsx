import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import { parametersOf } from '../../panels/parameters.ts'
import { DataTable } from '../charts/table.tsx'
import { ApiError, askSql, type SqlAnswer } from '../data/api.ts'
import { columnsOf } from '../data/columns.ts'
import type { Code } from '../editor/code.ts'
import { type Known, knownNames } from '../editor/schema.ts'
import { download, fileName } from '../export/download.ts'
import { toCsv, toJson } from '../export/rows.ts'
import { formatBytes, formatMs, formatNumber } from '../format/number.ts'
import { SqlExamples } from '../parts/sql-examples.tsx'
import { SqlHistory } from '../parts/sql-history.tsx'
import { SqlParameters } from '../parts/sql-parameters.tsx'
import { SqlSchema } from '../parts/sql-schema.tsx'
import { type ParameterValues, takeRunAtOnce } from '../state/editor-link.ts'
import { addToHistory, readHistory } from '../state/history.ts'
import { go } from '../state/use-view.ts'
import type { View } from '../state/view.ts'

const EXAMPLE = `SELECT status, count() AS orders, sum(total_minor) AS total_minor, any(currency) AS currency
FROM orders
GROUP BY status
ORDER BY orders DESC`

interface Result {
  readonly answer?: SqlAnswer
  readonly error?: ApiError
  readonly running: boolean
}

/** An analyst's own statement: written with completion, run with Control and Enter, kept in the address. */
export function SqlPage({ view }: { readonly view: View }) {
  const host = useRef<HTMLDivElement>(null)
  const code = useRef<Code | undefined>(undefined)
  const [text, setText] = useState(view.params.q ?? EXAMPLE)
  const [values, setValues] = useState<ParameterValues>(() => readValues(view.params.p))
  const [known, setKnown] = useState<Known>()
  const [result, setResult] = useState<Result>({ running: false })
  const [maxRows, setMaxRows] = useState(1_000)
  const [history, setHistory] = useState(readHistory())
  const flight = useRef<AbortController | undefined>(undefined)
  const order = useRef<readonly (readonly unknown[])[] | undefined>(undefined)
  /** The address that is in the editor already: the one it began with, or put there when it ran. */
  const own = useRef(addressOf(view.params))
  const parameters = useMemo(() => parametersOf(text), [text])

  async function run() {
    const written = code.current?.text() ?? text
    const sql = written.trim()
    if (sql === '') return
    flight.current?.abort()
    const abort = new AbortController()
    flight.current = abort
    const used = Object.fromEntries(parametersOf(sql).map(({ name }) => [name, values[name] ?? '']))
    const params = { q: sql, ...(Object.keys(used).length > 0 && { p: JSON.stringify(used) }) }
    own.current = addressOf(params)
    go({ path: 'sql', params }, { replace: true })
    setResult((last) => ({ ...last, running: true }))
    try {
      const answer = await askSql(sql, used, maxRows, abort.signal)
      order.current = answer.rows
      setResult({ answer, running: false })
      setHistory(
        addToHistory({ sql, at: Date.now(), elapsedMs: answer.statistics.elapsedMs, rows: answer.rows.length }),
      )
    } catch (error) {
      if (abort.signal.aborted) return
      const told = error instanceof ApiError ? error : new ApiError(0, 'UNKNOWN', String(error))
      setResult({ error: told, running: false })
      if (told.offset !== undefined && code.current?.text() === written)
        code.current.showPlace(told.offset + written.indexOf(sql))
    }
  }
  const runNow = useRef(run)
  runNow.current = run

  // Dependencies: the editor is made once; what it starts with is in the address
  useEffect(() => {
    document.title = 'SQL · eshop analytics'
    let gone = false
    import('../editor/code.ts').then(({ createCode }) => {
      if (gone || !host.current) return
      code.current = createCode(host.current, { text, onRun: () => runNow.current(), onChange: setText })
      host.current.dataset.ready = 'yes'
      knownNames().then(
        (names) => {
          setKnown(names)
          code.current?.offer(
            Object.fromEntries(
              Object.entries(names.tables).map(([table, columns]) => [table, columns.map(({ name }) => name)]),
            ),
            names.functions,
          )
        },
        () => undefined,
      )
    })
    if (takeRunAtOnce()) void run()
    return () => {
      gone = true
      flight.current?.abort()
      code.current?.destroy()
    }
  }, [])

  const replace = (sql: string) => {
    setText(sql)
    code.current?.setText(sql)
  }
  // Dependencies: another address is another statement; what was run here stands in it already, and its reader may have written on
  useLayoutEffect(() => {
    const { q, p } = view.params
    if (q === undefined || addressOf(view.params) === own.current) return
    own.current = addressOf(view.params)
    flight.current?.abort()
    replace(q)
    setValues(readValues(p))
    setResult({ running: false })
  }, [view.params.q, view.params.p])
  const { answer, error, running } = result
  const exported = () => ({
    // As shown: numbers as ClickHouse gives them, amounts in minor units.
    columns: answer
      ? columnsOf(answer).map((column) => ({
          ...column,
          kind:
            column.kind === 'text' || column.kind === 'time' || column.kind === 'order'
              ? ('text' as const)
              : ('number' as const),
        }))
      : [],
    rows: order.current ?? answer?.rows ?? [],
    currency: '',
  })
  return (
    <main id="main" tabIndex={-1} class="sql-page">
      <h1 class="visually-hidden">SQL</h1>
      <SqlSchema known={known} onInsert={(name) => code.current?.insert(name)} />
      <div class="sql-main">
        <section class="card editor-card" aria-label="Statement">
          <div class="code" ref={host} />
          {parameters.length > 0 && <SqlParameters parameters={parameters} values={values} onChange={setValues} />}
          <div class="run-row">
            <button type="button" class="primary" onClick={run} disabled={running}>
              {running ? 'Running …' : 'Run'}
            </button>
            {running ? (
              <button
                type="button"
                onClick={() => {
                  flight.current?.abort()
                  setResult((last) => ({ ...last, running: false }))
                }}
              >
                Stop
              </button>
            ) : (
              <kbd>Ctrl Enter</kbd>
            )}
            <label class="filter">
              <span>Rows</span>
              <select value={String(maxRows)} onChange={(event) => setMaxRows(Number(event.currentTarget.value))}>
                {[100, 1_000, 10_000].map((count) => (
                  <option key={count} value={String(count)}>
                    {formatNumber(count)}
                  </option>
                ))}
              </select>
            </label>
            <span class="spring" />
            <SqlHistory history={history} onChoose={replace} onClear={() => setHistory([])} />
          </div>
        </section>
        {error && (
          <div class="trouble" role="alert">
            <strong>{error.status === 0 || error.status === 503 ? 'No answer' : 'ClickHouse refused this'}</strong>
            <p class="pre">{error.message}</p>
          </div>
        )}
        {!answer && !error && <SqlExamples running={running} onChoose={replace} />}
        {answer && (
          <section class={`card result${running ? ' stale' : ''}`} aria-label="Result" aria-busy={running}>
            <header>
              <p class="about" role="status">
                {formatNumber(answer.rows.length)} {answer.rows.length === 1 ? 'row' : 'rows'}
                {answer.truncated && ' (there are more)'} · {formatMs(answer.statistics.elapsedMs)} ·{' '}
                {formatNumber(answer.statistics.rowsRead)} rows, {formatBytes(answer.statistics.bytesRead)} read
              </p>
              <div class="tools">
                <button
                  type="button"
                  onClick={() =>
                    download(fileName('query', new Date(), 'csv'), 'text/csv;charset=utf-8', toCsv(exported()))
                  }
                >
                  CSV
                </button>
                <button
                  type="button"
                  onClick={() =>
                    download(fileName('query', new Date(), 'json'), 'application/json', toJson(exported()))
                  }
                >
                  JSON
                </button>
              </div>
            </header>
            <DataTable
              answer={answer}
              currency=""
              caption="Result"
              raw
              onOrder={(rows) => {
                order.current = rows
              }}
            />
          </section>
        )}
      </div>
    </main>
  )
}

function addressOf({ q, p }: View['params']): string {
  return JSON.stringify([q, p])
}

function readValues(text: string | undefined): ParameterValues {
  try {
    const values: unknown = JSON.parse(text ?? '{}')
    return typeof values === 'object' && values !== null && !Array.isArray(values) ? (values as ParameterValues) : {}
  } catch {
    return {}
  }
}
