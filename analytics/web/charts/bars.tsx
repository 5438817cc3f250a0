import type { Panel, PanelAnswer } from '../../panels/panel.ts'
import { type Column, columnsOf, isNumeric, recordOf, toNumber } from '../data/columns.ts'
import { headingOf, labelOf } from '../format/label.ts'
import { formatCell, formatUnit } from '../format/value.ts'
import { Entry } from './entry.tsx'

interface Props {
  readonly panel: Panel
  readonly answer: PanelAnswer
  readonly previous?: PanelAnswer | undefined
  readonly currency: string
  readonly onPick?: ((row: Readonly<Record<string, unknown>>) => void) | undefined
}

/** Names with a bar each, the first number column long. Other columns are told with it. A mark shows the period before. */
export function Bars({ panel, answer: given, previous, currency, onPick }: Props) {
  const answer = given.rows.length === 0 && previous ? nothingOf(previous) : given
  const columns = columnsOf(answer)
  const [label, value] = [columns[0], columns.find(isNumeric)]
  if (!label || !value) return <p class="note">This chart needs a name in its first column and a number after it.</p>
  const details = columns.filter((one) => one !== label && one !== value && isNumeric(one))
  const before = new Map((previous?.rows ?? []).map((row) => [String(row[label.index]), toNumber(row[value.index])]))
  const most = Math.max(
    ...answer.rows.map((row) => toNumber(row[value.index]) ?? 0),
    ...[...before.values()].map((one) => one ?? 0),
    0,
  )
  const share = (amount: number | null | undefined) => `${most > 0 ? (100 * Math.max(0, amount ?? 0)) / most : 0}%`
  return (
    <>
      <ul class="bars">
        {answer.rows.map((row, index) => {
          const name = labelOf(label.name, row[label.index])
          const amount = toNumber(row[value.index])
          const past = before.get(String(row[label.index]))
          const extra = details
            .filter((one) => toNumber(row[one.index]) !== 0) // nothing reserved is nothing to tell
            .map((one) => detail(one, row[one.index], currency))
            .join(' · ')
          return (
            <Entry key={`${name} ${index}`} name={name} onPick={onPick && (() => onPick(recordOf(columns, row)))}>
              <span class="name">{name}</span>
              <span class="extra">{extra}</span>
              <span class="amount">{amount === null ? '–' : formatUnit(amount, panel.unit, currency)}</span>
              <span class="track">
                {(amount ?? 0) > 0 && <span class="bar" style={{ width: share(amount) }} />}
                {past !== undefined && (
                  <span
                    class="past"
                    style={{ left: share(past) }}
                    title={`Before: ${formatUnit(past ?? 0, panel.unit, currency)}`}
                  />
                )}
              </span>
            </Entry>
          )
        })}
      </ul>
      {before.size > 0 && (
        <p class="bars-before">
          <i /> the period before
        </p>
      )}
    </>
  )
}

/** Where nothing is now, all that was before is 0 now: so it is still told what there was. */
function nothingOf(previous: PanelAnswer): PanelAnswer {
  const columns = columnsOf(previous)
  return {
    ...previous,
    rows: previous.rows.map((row) => columns.map((column) => (isNumeric(column) ? 0 : row[column.index]))),
  }
}

/** 340 units; oldest 12 s. */
function detail(column: Column, value: unknown, currency: string): string {
  const [told, name] = [formatCell(column, value, currency), headingOf(column.name).toLowerCase()]
  return column.kind === 'ms' ? `${name} ${told}` : `${told} ${name}`
}
