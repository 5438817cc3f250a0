import { useEffect, useState } from 'preact/hooks'
import { type Alert, askAlerts } from './api.ts'
import type { Ticker } from './use-ticker.ts'

/** Where each alert stands, asked with each refresh. What was answered last stays when that fails: panels say that the server is away. */
export function useAlerts({ tick }: Ticker): readonly Alert[] {
  const [alerts, set] = useState<readonly Alert[]>([])
  // Dependencies: asked again with each tick
  useEffect(() => {
    const abort = new AbortController()
    askAlerts(abort.signal).then(set, () => undefined)
    return () => abort.abort()
  }, [tick])
  return alerts
}

/** Firing first, then what may fire or is going over, then the rest; by name. */
export function byUrgency(alerts: readonly Alert[]): readonly Alert[] {
  const order = ['firing', 'clearing', 'pending', 'ok']
  return alerts.toSorted((a, b) => order.indexOf(a.phase) - order.indexOf(b.phase) || a.name.localeCompare(b.name))
}
