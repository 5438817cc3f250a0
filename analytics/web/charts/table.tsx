import { useMemo, useState } from 'preact/hooks'
import type { PanelAnswer } from '../../panels/panel.ts'
import { type Column, columnsOf, isNumeric, recordOf, toNumber } from '../data/columns.ts'
import { headingsOf } from '../format/label.ts'
import { formatCell } from '../format/value.ts'

interface Props {
  readonly answer: Pick<PanelAnswer, 'columns' | 'rows'>
  readonly currency: string
  readonly caption: string
  /** Column names as they are, with their types: for SQL. */
  readonly raw?: boolean
  readonly onPick?: ((row: Readonly<Record<string, unknown>>) => void) | undefined
  /** Tells the rows in the order in which they are shown: an export has the same. */
  readonly onOrder?: (rows: readonly (readonly unknown[])[]) => void
}

interface Sorting {
  readonly index: number
  readonly descending: boolean
}

const FIRST = 200

/** Rows and columns. A click on a heading sorts; an order's id leads to its life. */
export function DataTable({ answer, currency, caption, raw = false, onPick, onOrder }: Props) {
  const [sorting, setSorting] = useState<Sorting | null>(null)
  const [most, setMost] = useState(FIRST)
  const columns = columnsOf(answer)
  const own = columns.find(({ name }) => name === 'currency')
  // Amounts are written with their currency; only an export has it as a column.
  const seen =
    !raw && columns.some(({ kind }) => kind === 'money')
      ? columns.filter((column) => column !== own || column.index === 0)
      : columns
  const headings = headingsOf(seen.map(({ name }) => name))
  const rows = useMemo(() => sorted(answer.rows, columns, sorting), [answer, sorting])
  useMemo(() => onOrder?.(rows), [rows])
  const sort = (index: number) =>
    setSorting((now) => ({
      index,
      descending: now?.index === index ? !now.descending : columns[index] ? isNumeric(columns[index]) : false,
    }))
  if (columns.length === 0) return <p class="note">No columns.</p>
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard (axe: scrollable-region-focusable)
    <section class="scroll" tabIndex={0} aria-label={`${caption}, table`}>
      <table class="data">
        <caption class="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            {seen.map((column, place) => (
              <th
                key={column.index}
                scope="col"
                class={isNumeric(column) ? 'num' : ''}
                aria-sort={sorting?.index === column.index ? (sorting.descending ? 'descending' : 'ascending') : 'none'}
              >
                <button
                  type="button"
                  onClick={() => sort(column.index)}
                  title={answer.columns[column.index]?.type ?? ''}
                >
                  {raw ? column.name : headings[place]}
                  <span aria-hidden="true" class="arrow">
                    {sorting?.index === column.index ? (sorting.descending ? '↓' : '↑') : ''}
                  </span>
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, most).map((row, number) => (
            <tr key={number}>
              {seen.map((column, place) => (
                <td key={column.index} class={isNumeric(column) ? 'num' : column.kind === 'time' ? 'time' : ''}>
                  <Cell
                    column={column}
                    row={row}
                    currency={own ? String(row[own.index] ?? '') : currency}
                    raw={raw}
                    pick={place === 0 && onPick ? () => onPick(recordOf(columns, row)) : undefined}
                  />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > most && (
        <button type="button" class="more" onClick={() => setMost(rows.length)}>
          Show all {rows.length} rows
        </button>
      )}
    </section>
  )
}

function Cell({
  column,
  row,
  currency,
  raw,
  pick,
}: {
  column: Column
  row: readonly unknown[]
  currency: string
  raw: boolean
  pick: (() => void) | undefined
}) {
  const value = row[column.index]
  if (column.kind === 'order' && value) {
    return (
      <a class="order" href={`#order/${String(value)}`} title={String(value)}>
        {raw ? String(value) : shortId(String(value))}
      </a>
    )
  }
  if (raw && (value === null || value === undefined)) return <i class="null">NULL</i>
  const text = raw ? rawText(value) : formatCell(column, value, currency)
  if (pick)
    return (
      <button type="button" class="link" onClick={pick}>
        {text}
      </button>
    )
  if (text.length > LONG) return <LongCell text={text} value={value} />
  return <>{text}</>
}

/** More than this is cut, and opens. */
const LONG = 60

/** An array or a text of any length: its beginning, and all of it where somebody wants it. */
function LongCell({ text, value }: { text: string; value: unknown }) {
  return (
    <details class="long">
      <summary>{text.slice(0, LONG)}</summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard (axe: scrollable-region-focusable) */}
      <pre tabIndex={0}>{typeof value === 'object' ? JSON.stringify(value, null, 2) : text}</pre>
    </details>
  )
}

/** The end of a UUIDv7 tells two apart; its beginning is the time. */
function shortId(id: string): string {
  return `…${id.slice(-12)}`
}

function rawText(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

function sorted(
  rows: readonly (readonly unknown[])[],
  columns: readonly Column[],
  sorting: Sorting | null,
): readonly (readonly unknown[])[] {
  const column = sorting && columns[sorting.index]
  if (!column) return rows
  const sign = sorting.descending ? -1 : 1
  return rows.toSorted((a, b) => sign * compare(a[column.index], b[column.index], isNumeric(column)))
}

function compare(a: unknown, b: unknown, numeric: boolean): number {
  if (numeric) return (toNumber(a) ?? Number.NEGATIVE_INFINITY) - (toNumber(b) ?? Number.NEGATIVE_INFINITY)
  return String(a ?? '').localeCompare(String(b ?? ''))
}
