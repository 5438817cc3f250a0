import type { InputType } from './inputs.ts'
import { answers, answersToCheckout, COLUMNS, remarks, table } from './table.ts'

/** The table as it stands in the README. */
export function renderTable(): string {
  const inputs = Object.keys(table) as InputType[]
  const short = (types: readonly string[]) => types.map((type) => type.replace('OrderStatusChangedTo', '')).join(', ')
  return [
    ...aligned([['', ...COLUMNS], ...inputs.map((input) => [`**${input}**`, ...table[input]])]),
    '',
    ...inputs.map((input) => `- **${input}**: ${remarks[input]}`),
    '',
    `\`answer\` sends again: to a checkout ${short(answersToCheckout)}; to a reply ${Object.entries(answers)
      .map(([status, types]) => `${short(types ?? [])} when the order is ${status}`)
      .join('; ')}.`,
  ].join('\n')
}

/** Rows of a Markdown table, the first as its head, padded as a formatter would. */
function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  const [head = [], ...body] = rows
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)]
}

const BEGIN = '<!-- table: made by `node services/ordering/write-readme.ts`, never edited -->'
const END = '<!-- /table -->'

/** The README with the table of now in its place. */
export function withTable(readme: string): string {
  const [before, rest = ''] = readme.split(BEGIN)
  const [, after = ''] = rest.split(END)
  return `${before}${BEGIN}\n${renderTable()}\n${END}${after}`
}
