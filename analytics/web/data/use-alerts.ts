import { useEffect, useState } from 'preact/hooks'
import { readSession } from '../state/session.ts'
import { type Alert, askAlerts } from './api.ts'
import type { Ticker } from './use-ticker.ts'

/** What was answered last, and to whom: from one page to the next it stays, so that nothing jumps. */
let latest: { readonly token: string | undefined; readonly alerts: readonly Alert[] } = { token: undefined, alerts: [] }

/** Where each alert stands, asked with each refresh. What was answered last stays when that fails: panels say that the server is away. */
export function useAlerts({ tick }: Ticker): readonly Alert[] {
  const token = readSession()?.token
  const [alerts, set] = useState<readonly Alert[]>(() => (latest.token === token ? latest.alerts : []))
  // Dependencies: asked again with each tick
  useEffect(() => {
    const abort = new AbortController()
    askAlerts(abort.signal).then(
      (answer) => {
        latest = { token, alerts: answer }
        set(answer)
      },
      () => undefined,
    )
    return () => abort.abort()
  }, [tick])
  return alerts
}

/** Firing first, then what may fire or is going over, then the rest; by name. */
export function byUrgency(alerts: readonly Alert[]): readonly Alert[] {
  const order = ['firing', 'clearing', 'pending', 'ok']
  return alerts.toSorted((a, b) => order.indexOf(a.phase) - order.indexOf(b.phase) || a.name.localeCompare(b.name))
}
