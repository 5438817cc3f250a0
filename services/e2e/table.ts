import Table from 'cli-table3'

/** Rows as a plain table under the heads; numbers to the right. */
export function tableOf(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const colAligns = head.map(
    (_, column) => (typeof rows[0]?.[column] === 'number' ? 'right' : 'left') as 'right' | 'left',
  )
  const table = new Table({ head: [...head], style: { head: [], border: [], compact: true }, colAligns })
  for (const row of rows) table.push([...row])
  return table.toString()
}
