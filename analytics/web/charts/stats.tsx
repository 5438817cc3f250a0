import type { PanelAnswer } from '../../panels/panel.ts'
import { columnsOf, toNumber } from '../data/columns.ts'
import { headingOf } from '../format/label.ts'
import { formatChange } from '../format/number.ts'
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
                  name={column.name}
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

function Change({
  name,
  now,
  before,
  told,
}: {
  name: string
  now: number | null
  before: number | null
  told: string
}) {
  if (now === null || before === null) return <span class="change">before: {told}</span>
  if (before === 0) return <span class="change">before: {told}</span>
  const change = now / before - 1
  const good = NEUTRAL.test(name) || Math.abs(change) < 0.0005 ? '' : change > 0 === !WORSE.test(name) ? ' up' : ' down'
  const arrow = change > 0.0005 ? '▲' : change < -0.0005 ? '▼' : '■'
  return (
    <span class={`change${good}`} title={`Before: ${told}`}>
      <span aria-hidden="true">{arrow}</span> {formatChange(change)} <small>from {told}</small>
    </span>
  )
}
