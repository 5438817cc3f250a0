import { useState } from 'preact/hooks'
import { formatSpan } from '../format/time.ts'
import { fixedRange, isRelative, PRESETS, type Span } from '../state/span.ts'
import { useMenu } from './use-menu.ts'

interface Props {
  readonly range: string
  readonly span: Span
  readonly onChange: (range: string) => void
}

/** The time that everything on the page is about: a preset, or two times of one's own. */
export function RangePicker({ range, span, onChange }: Props) {
  const { box, close, onKeyDown } = useMenu()
  const choose = (next: string) => {
    onChange(next)
    close()
  }
  const preset = PRESETS.find((one) => one.range === range)
  const label = isRelative(range) ? `Last ${preset?.label ?? range}` : formatSpan(span.from, span.to)
  return (
    <details class="menu range" ref={box} onKeyDown={onKeyDown}>
      <summary aria-label={`Time range: ${label}`}>{label}</summary>
      <div class="pop">
        <ul>
          {PRESETS.map((one) => (
            <li key={one.range}>
              <button type="button" aria-pressed={one.range === range} onClick={() => choose(one.range)}>
                Last {one.label}
              </button>
            </li>
          ))}
        </ul>
        <Custom span={span} onChoose={(from, to) => choose(fixedRange(from, to))} />
        <p class="hint">Or drag over any chart. The back button undoes it.</p>
      </div>
    </details>
  )
}

function Custom({ span, onChoose }: { span: Span; onChoose: (from: number, to: number) => void }) {
  const [from, setFrom] = useState('')
  const [to, setTo] = useState('')
  const [a, b] = [Date.parse(from || inputValue(span.from)), Date.parse(to || inputValue(span.to))]
  const wrong = !(a < b)
  return (
    <form
      class="custom"
      onSubmit={(event) => {
        event.preventDefault()
        if (!wrong) onChoose(a, b)
      }}
    >
      <label>
        From
        <input
          type="datetime-local"
          step="1"
          value={from || inputValue(span.from)}
          onInput={(event) => setFrom(event.currentTarget.value)}
        />
      </label>
      <label>
        To
        <input
          type="datetime-local"
          step="1"
          value={to || inputValue(span.to)}
          onInput={(event) => setTo(event.currentTarget.value)}
        />
      </label>
      <button type="submit" disabled={wrong}>
        {wrong ? 'From must lie before to' : 'Show'}
      </button>
    </form>
  )
}

/** Local time as an input wants it. */
function inputValue(ms: number): string {
  return new Date(ms - new Date(ms).getTimezoneOffset() * 60_000).toISOString().slice(0, 19)
}
