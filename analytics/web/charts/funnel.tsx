import type { Panel, PanelAnswer } from '../../panels/panel.ts'
import { columnsOf, isNumeric, recordOf, toNumber } from '../data/columns.ts'
import { labelOf } from '../format/label.ts'
import { formatPercent } from '../format/number.ts'
import { formatUnit } from '../format/value.ts'
import { Entry } from './entry.tsx'

interface Props {
  readonly panel: Panel
  readonly answer: PanelAnswer
  readonly onPick?: ((row: Readonly<Record<string, unknown>>) => void) | undefined
}

/** Steps one after the other: how many came so far, as a share of the first, and how many were lost on the way from the step before. */
export function Funnel({ panel, answer, onPick }: Props) {
  const columns = columnsOf(answer)
  const [label, value] = [columns[0], columns.find(isNumeric)]
  if (!label || !value) return <p class="note">This chart needs a name in its first column and a number after it.</p>
  const amounts = answer.rows.map((row) => toNumber(row[value.index]) ?? 0)
  const first = amounts[0] ?? 0
  return (
    <ol class="funnel">
      {answer.rows.map((row, index) => {
        const amount = amounts[index] ?? 0
        const before = amounts[index - 1]
        const share = first > 0 ? amount / first : 0
        const lost = before === undefined ? 0 : before - amount
        const name = labelOf(label.name, row[label.index])
        return (
          <Entry key={name} name={name} onPick={onPick && (() => onPick(recordOf(columns, row)))}>
            <span class="name">{name}</span>
            <span class="track">{amount > 0 && <span class="bar" style={{ width: `${share * 100}%` }} />}</span>
            <span class="amount">{formatUnit(amount, panel.unit, '')}</span>
            <span class="share">{first > 0 ? formatPercent(share) : '–'}</span>
            <span class="lost">{lost > 0 ? `−${formatUnit(lost, panel.unit, '')}` : ''}</span>
          </Entry>
        )
      })}
    </ol>
  )
}
