import Table from 'cli-table3'

/** The JSONCompact answer, or the text of a statement that chose another format. */
export interface Answer {
  readonly meta: readonly { readonly name: string; readonly type: string }[]
  readonly data: readonly (readonly unknown[])[]
  readonly rows: number
  readonly statistics?: { readonly elapsed: number; readonly rows_read: number }
  readonly text?: string
}

/** More than anyone reads in a terminal. */
const MOST_ROWS = 1_000
const MOST_WIDTH = 60

/** The answer as a table, numbers to the right, with a line that says how much it was. */
export function asTable({ meta, data, rows, statistics, text }: Answer, columns = 0): string {
  if (text !== undefined) return text
  const table = new Table({
    head: meta.map(({ name }) => name),
    colAligns: meta.map(({ type }) => (/^(Nullable\()?(U?Int|Float|Decimal)/.test(type) ? 'right' : 'left')),
    style: { head: [], border: [], compact: true },
  })
  const shown = data.slice(0, MOST_ROWS)
  for (const row of shown) table.push(row.map((cell) => cellText(cell, columns)))
  const count = `${rows} ${rows === 1 ? 'row' : 'rows'}`
  const cut = shown.length < rows ? ` (first ${MOST_ROWS} shown: --csv or --json gives all)` : ''
  const took = statistics ? `, ${Math.round(statistics.elapsed * 1000)} ms, ${statistics.rows_read} rows read` : ''
  return `${meta.length > 0 ? `${table.toString()}\n` : ''}${count}${cut}${took}\n`
}

/** Control characters would reach the terminal as commands; what customers typed is data. */
function cellText(cell: unknown, columns: number): string {
  if (cell === null) return 'NULL'
  const text = (typeof cell === 'object' ? JSON.stringify(cell) : String(cell)).replace(/[\p{Cc}\p{Cf}]/gu, ' ')
  const most = Math.max(MOST_WIDTH, columns - 20)
  return text.length > most ? `${text.slice(0, most - 1)}…` : text
}
