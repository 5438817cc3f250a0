import type { Panel, PanelAnswer } from '../../panels/panel.ts'
import { columnsOf, recordOf, toNumber } from '../data/columns.ts'
import { headingOf, labelOf } from '../format/label.ts'
import { formatUnit } from '../format/value.ts'

interface Props {
  readonly panel: Panel
  readonly answer: PanelAnswer
  readonly onPick?: ((row: Readonly<Record<string, unknown>>) => void) | undefined
}

const SHADES = ['q1', 'q2', 'q3']

/** p50, p95 and p99 of each name on one logarithmic scale, as waiting times differ by powers of ten, with the numbers beside. */
export function Quantiles({ panel, answer, onPick }: Props) {
  const columns = columnsOf(answer)
  const label = columns[0]
  const quantiles = columns.filter(({ name }) => /^p\d+/.test(name)).slice(0, 3)
  if (!label || quantiles.length === 0)
    return <p class="note">This chart needs a name in its first column, and columns p50, p95, p99.</p>
  const values = answer.rows
    .flatMap((row) => quantiles.map((one) => toNumber(row[one.index]) ?? 0))
    .filter((value) => value > 0)
  const low = 10 ** Math.floor(Math.log10(Math.max(1, Math.min(...values))))
  const high = Math.max(...values, low * 10)
  const place = (value: number) => (value <= low ? 0 : (100 * Math.log(value / low)) / Math.log(high / low))
  return (
    <table class="quantiles">
      <thead>
        <tr>
          <th scope="col">{headingOf(label.name)}</th>
          <th scope="col" class="scale">
            <span class="visually-hidden">On a logarithmic scale</span>
          </th>
          {quantiles.map((one, index) => (
            <th scope="col" key={one.name}>
              <i class={`dot ${SHADES[index]}`} />
              {headingOf(one.name)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {answer.rows.map((row) => {
          const name = labelOf(label.name, row[label.index])
          const numbers = quantiles.map((one) => toNumber(row[one.index]) ?? 0)
          return (
            <tr key={name}>
              <th scope="row">
                {onPick ? (
                  <button
                    type="button"
                    class="link"
                    onClick={() => onPick(recordOf(columns, row))}
                    title={`Rows of ${name}`}
                  >
                    {name}
                  </button>
                ) : (
                  name
                )}
              </th>
              <td class="scale" aria-hidden="true">
                <span class="rail">
                  <span
                    class="reach"
                    style={{ left: `${place(numbers[0] ?? 0)}%`, right: `${100 - place(numbers.at(-1) ?? 0)}%` }}
                  />
                  {numbers.map((number, index) => (
                    <i
                      key={quantiles[index]?.name}
                      class={`dot ${SHADES[index]}`}
                      style={{ left: `${place(number)}%` }}
                    />
                  ))}
                </span>
              </td>
              {numbers.map((number, index) => (
                <td key={quantiles[index]?.name}>{formatUnit(number, panel.unit, '')}</td>
              ))}
            </tr>
          )
        })}
      </tbody>
    </table>
  )
}
