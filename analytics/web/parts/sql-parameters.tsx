import type { Parameter } from '../../panels/panel.ts'
import type { ParameterValues } from '../state/editor-link.ts'

interface Props {
  readonly parameters: readonly Parameter[]
  readonly values: ParameterValues
  readonly onChange: (values: ParameterValues) => void
}

/** A field for each `{name:Type}` of the statement. Arrays are JSON. */
export function SqlParameters({ parameters, values, onChange }: Props) {
  return (
    <div class="parameters">
      {parameters.map(({ name, type }) => (
        <label key={name} class="filter">
          <span title={type}>{name}</span>
          <input
            value={textOf(values[name])}
            placeholder={type}
            onInput={(event) => onChange({ ...values, [name]: valueFrom(event.currentTarget.value, type) })}
          />
        </label>
      ))}
    </div>
  )
}

function textOf(value: ParameterValues[string] | undefined): string {
  return value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value)
}

function valueFrom(text: string, type: string): string | (string | number)[] {
  if (!type.startsWith('Array(')) return text
  try {
    const value: unknown = JSON.parse(text)
    return Array.isArray(value) ? (value as (string | number)[]) : text
  } catch {
    return text
  }
}
