import { useEffect, useState } from 'preact/hooks'
import type { ApiError } from '../data/api.ts'
import { formatMs } from '../format/number.ts'

/** How old what is shown is while nothing newer comes, counting on, and why. It stands where the cost of the answer stood, so nothing moves. */
export function Stale({ at, error }: { readonly at: number; readonly error: ApiError }) {
  const [now, setNow] = useState(Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000)
    return () => clearInterval(timer)
  }, [])
  const seconds = Math.max(1, Math.round((now - at) / 1000))
  return (
    <p class="stale-note" title="It is asked again at the next refresh, and with r.">
      <strong>{formatMs(seconds * 1000)} old.</strong>{' '}
      <span role="alert">
        <span>{error.message}</span>
      </span>
    </p>
  )
}
