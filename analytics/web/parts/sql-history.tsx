import { formatMs, formatNumber } from '../format/number.ts'
import { formatTime } from '../format/time.ts'
import { clearHistory, type Past } from '../state/history.ts'
import { useMenu } from './use-menu.ts'

interface Props {
  readonly history: readonly Past[]
  readonly onChoose: (sql: string) => void
  readonly onClear: () => void
}

/** What was run in this browser, the newest first. */
export function SqlHistory({ history, onChoose, onClear }: Props) {
  const { box, close, onKeyDown } = useMenu()
  return (
    <details class="menu history" ref={box} onKeyDown={onKeyDown}>
      <summary>History</summary>
      <div class="pop">
        {history.length === 0 ? (
          <p class="hint">Nothing was run yet.</p>
        ) : (
          <>
            <ul>
              {history.map((past) => (
                <li key={past.sql}>
                  <button
                    type="button"
                    onClick={() => {
                      onChoose(past.sql)
                      close()
                    }}
                  >
                    <code>{past.sql.replace(/\s+/g, ' ').slice(0, 160)}</code>
                    <small>
                      {formatTime(Math.floor(past.at / 1000) * 1000)} · {formatMs(past.elapsedMs)} ·{' '}
                      {formatNumber(past.rows)} rows
                    </small>
                  </button>
                </li>
              ))}
            </ul>
            <button
              type="button"
              class="quiet"
              onClick={() => {
                clearHistory()
                onClear()
              }}
            >
              Forget all
            </button>
          </>
        )}
      </div>
    </details>
  )
}
