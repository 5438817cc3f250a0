import type { Panel, PanelAnswer } from '../../panels/panel.ts'
import { labelOf } from '../format/label.ts'
import { formatNumber } from '../format/number.ts'

export interface FilterState {
  readonly panel: Panel
  readonly name: string
  readonly value: string
  readonly answer: PanelAnswer | undefined
}

interface Props {
  readonly filters: readonly FilterState[]
  readonly onChange: (name: string, value: string) => void
}

/** What can be chosen from: the values that there are, with how often each is there. */
export function Filters({ filters, onChange }: Props) {
  return (
    <>
      {filters.map(({ panel, name, value, answer }) => {
        const choices = (answer?.rows ?? []).map((row) => ({ value: String(row[0]), count: row[1] }))
        if (choices.length < 2 && (value === '' || panel.required)) return null // nothing to choose
        const known = value === '' || choices.some((one) => one.value === value)
        return (
          <label key={name} class={`filter${value !== '' && !panel.required ? ' set' : ''}`}>
            <span>{panel.title}</span>
            <select value={value} onChange={(event) => onChange(name, event.currentTarget.value)}>
              {!panel.required && <option value="">All</option>}
              {!known && <option value={value}>{value}</option>}
              {choices.map((one) => (
                <option key={one.value} value={one.value}>
                  {labelOf(name, one.value)}
                  {typeof one.count === 'number' ? ` (${formatNumber(one.count)})` : ''}
                </option>
              ))}
            </select>
          </label>
        )
      })}
    </>
  )
}
