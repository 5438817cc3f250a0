import { formatClock } from '../format/time.ts'
import { isRelative, type Span } from '../state/span.ts'
import type { View } from '../state/view.ts'
import { type FilterState, Filters } from './filters.tsx'
import { RangePicker } from './range-picker.tsx'

interface Props {
  readonly view: View
  readonly range: string
  readonly span: Span
  readonly refresh: string
  readonly compare: boolean
  readonly filters: readonly FilterState[]
  readonly onRefresh: () => void
  readonly onChange: (params: Readonly<Record<string, string>>) => void
}

const EVERY = [
  ['0', 'Off'],
  ['2', '2 s'],
  ['5', '5 s'],
  ['10', '10 s'],
  ['30', '30 s'],
  ['60', '1 min'],
] as const

/** One row for what all panels share: which time, how often anew, against what, and of what. */
export function Controls({ range, span, refresh, compare, filters, onRefresh, onChange }: Props) {
  return (
    <div class="controls" role="toolbar" aria-label="Time and filters">
      <RangePicker range={range} span={span} onChange={(next) => onChange({ range: next })} />
      <label class="check" title="With the period of the same length just before (key: c)">
        <input
          type="checkbox"
          checked={compare}
          onChange={(event) => onChange({ compare: event.currentTarget.checked ? '1' : '' })}
        />
        Compare with before
      </label>
      <Filters filters={filters} onChange={(name, value) => onChange({ [name]: value })} />
      <span class="spring" />
      {isRelative(range) && <span class="updated">Up to {formatClock(span.to)}</span>}
      <label class="filter">
        <span>Refresh</span>
        <select value={refresh} onChange={(event) => onChange({ refresh: event.currentTarget.value })}>
          {EVERY.map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      </label>
      <button type="button" class="icon" onClick={onRefresh} title="Refresh now (key: r)" aria-label="Refresh now">
        <span aria-hidden="true">↻</span>
      </button>
    </div>
  )
}
