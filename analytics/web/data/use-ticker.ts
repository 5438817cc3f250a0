import { useEffect, useRef, useState } from 'preact/hooks'

export interface Ticker {
  /** Grows with each refresh. */
  readonly tick: number
  /** Grows when somebody asked for a refresh: it goes to every panel, however fresh. */
  readonly forced: number
  refresh(): void
}

/** Counts up every so many seconds, 0 for never; not while the tab is hidden, and at once when it shows again and a tick is due. */
export function useTicker(everySeconds: number): Ticker {
  const [state, set] = useState({ tick: 0, forced: 0 })
  const last = useRef(Date.now())
  useEffect(() => {
    if (everySeconds === 0) return
    const due = () => {
      if (document.hidden || Date.now() - last.current < everySeconds * 1000 - 50) return
      last.current = Date.now()
      set(({ tick, forced }) => ({ tick: tick + 1, forced }))
    }
    const timer = setInterval(due, Math.min(1_000, everySeconds * 1000))
    document.addEventListener('visibilitychange', due)
    return () => {
      clearInterval(timer)
      document.removeEventListener('visibilitychange', due)
    }
  }, [everySeconds])
  return {
    ...state,
    refresh() {
      last.current = Date.now()
      set(({ tick, forced }) => ({ tick: tick + 1, forced: forced + 1 }))
    },
  }
}
