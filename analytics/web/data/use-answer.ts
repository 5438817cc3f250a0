import { useEffect, useRef, useState } from 'preact/hooks'
import type { Panel, PanelAnswer } from '../../panels/panel.ts'
import { previousSpan, type Span } from '../state/span.ts'
import { ApiError, askPanel } from './api.ts'
import type { Ticker } from './use-ticker.ts'

/** What a panel knows. What was answered last stays while it is asked again, and when that fails. */
export interface Known {
  readonly answer?: PanelAnswer
  /** The answer for the period before, when that is compared. */
  readonly previous?: PanelAnswer
  /** What the answer is for. */
  readonly span?: Span
  /** When it came. */
  readonly at?: number
  readonly error?: ApiError
  readonly loading: boolean
}

export interface Asked {
  /** The range as chosen: a relative one stays the same while its span moves on. */
  readonly range: string
  readonly span: Span
  readonly values: Readonly<Record<string, string>>
  readonly compare: boolean
  readonly ticker: Ticker
  /** False until the values of required filters are known. */
  readonly ready: boolean
}

export function useAnswer(panel: Panel, asked: Asked): Known {
  const { range, span, values, ticker, ready } = asked
  const compare = asked.compare && panel.compare
  const [known, set] = useState<Known>({ loading: true })
  const flight = useRef<{ key: string; forced: number; at: number; abort: AbortController | undefined }>({
    key: '',
    forced: 0,
    at: 0,
    abort: undefined,
  })
  const own = Object.fromEntries(
    panel.parameters.flatMap(({ name }) => (values[name] ? [[name, values[name]]] : [])),
  ) as Record<string, string>
  const key = JSON.stringify([panel.id, range, own, compare])

  // Dependencies: the span moves with the tick, and the values are in the key
  useEffect(() => {
    if (!ready) return
    const now = flight.current
    const changed = now.key !== key
    if (!changed && now.abort) return // still under way: a slow answer is waited for
    if (!changed && now.forced === ticker.forced && Date.now() - now.at < panel.refreshSeconds * 1000 - 250) return
    now.abort?.abort()
    const abort = new AbortController()
    flight.current = { key, forced: ticker.forced, at: Date.now(), abort }
    set((before) => ({ ...before, loading: true }))
    const before = compare ? askPanel(panel.id, previousSpan(span), own, abort.signal) : undefined
    Promise.all([askPanel(panel.id, span, own, abort.signal), before])
      .then(([answer, previous]) =>
        set({ answer, span, at: Date.now(), loading: false, ...(previous && { previous }) }),
      )
      .catch((error: unknown) => {
        if (abort.signal.aborted) return
        const told = error instanceof ApiError ? error : new ApiError(0, 'UNKNOWN', String(error))
        set((last) => ({ ...last, error: told, loading: false }))
      })
      .finally(() => {
        if (flight.current.abort === abort) flight.current.abort = undefined
      })
  }, [key, ready, ticker.tick, ticker.forced])
  useEffect(() => () => flight.current.abort?.abort(), [])
  return known
}
