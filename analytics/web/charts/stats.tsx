import type { PanelAnswer } from '../../panels/panel.ts'
import { type Column, columnsOf, toNumber } from '../data/columns.ts'
import { headingOf } from '../format/label.ts'
import { formatChange, formatPoints } from '../format/number.ts'
import { formatCell } from '../format/value.ts'

interface Props {
  readonly answer: PanelAnswer
  readonly previous?: PanelAnswer | undefined
  readonly currency: string
}

/** More of these is no good news. */
const WORSE = /(cancel|refund|fail|waiting|sold_out|fewer|_ms$|missing|twice|lag|dead)/
const NEUTRAL = /(in_progress|products|reserved|price_changes)/

/** One row as large numbers, a tile per column, each with its change against the period before. */
export function Stats({ answer, previous, currency }: Props) {
  const [row = []] = answer.rows
  const [past] = previous?.rows ?? []
  return (
    <dl class="stats">
      {columnsOf(answer).map((column) => {
        const value = row[column.index]
        const [now, before] = [toNumber(value), toNumber(past?.[column.index])]
        return (
          <div key={column.name} class="stat">
            <dt>{headingOf(column.name)}</dt>
            <dd>
              <span class="number">{formatCell(column, value, currency)}</span>
              {past && (
                <Change
                  column={column}
                  now={now}
                  before={before}
                  told={formatCell(column, past[column.index], currency)}
                />
              )}
            </dd>
          </div>
        )
      })}
    </dl>
  )
}

interface ChangeProps {
  readonly column: Column
  readonly now: number | null
  readonly before: number | null
  readonly told: string
}

/** Less than this is the same. */
const NOTHING = 0.01

/** By how much it is more or less; shares in points, as a percentage of a percentage misleads. */
function Change({ column: { name, kind }, now, before, told }: ChangeProps) {
  if (now === null || before === null || (before === 0 && kind !== 'share'))
    return <span class="change">before: {told}</span>
  const change = kind === 'share' ? now - before : now / before - 1
  const same = Math.abs(change) < (kind === 'share' ? NOTHING / 2 : NOTHING)
  const good = NEUTRAL.test(name) || same ? '' : change > 0 === !WORSE.test(name) ? ' up' : ' down'
  return (
    <span class={`change${good}`} title={`Before: ${told}`}>
      <span aria-hidden="true">{same ? '■' : change > 0 ? '▲' : '▼'}</span>{' '}
      {kind === 'share' ? formatPoints(change) : formatChange(change)} <small>from {told}</small>
    </span>
  )
}
