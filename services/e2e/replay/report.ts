import { formatMinor } from '#pipelines/kernel/money.ts'
import { tableOf } from '../table.ts'
import type { Outcome, Side } from './outcome.ts'
import { REFUSALS, type Refusal } from './rows.ts'

const MOST_SHOWN = 20

/** The end of a replay for people. */
export function reportOf(outcome: Outcome): string {
  const { rows, refusedRows, invoices, again, refusedInvoices, orders, currency, faults } = outcome
  const side = (name: string, { orders: count, units, totalMinor }: Side) => [
    name,
    count,
    units,
    `${formatMinor(totalMinor, currency)} ${currency}`,
  ]
  return [
    `${rows.read} rows read, ${rows.played} played as ${invoices} invoices${again > 0 ? `, ${again} of them ordered before` : ''}`,
    ...section(
      ['rows refused', 'count', 'first lines'],
      refusedRows.map(({ reason, count, lines }) => [REFUSALS[reason as Refusal], count, linesText(lines, count)]),
    ),
    ...section(
      ['invoices the shop refused', 'count', 'first invoices'],
      refusedInvoices.map(({ code, invoices: names }) => [
        code,
        names.length,
        linesText(names.slice(0, 10), names.length),
      ]),
    ),
    ...section(['orders', 'count'], Object.entries(orders)),
    tableOf(
      ['', 'orders', 'units', 'money'],
      [
        side('of the file', outcome.file),
        side('accepted by REST', outcome.accepted),
        side('in ClickHouse', outcome.analytics),
      ],
    ),
    ...(faults.length === 0
      ? []
      : [`${faults.length} faults:`, ...faults.slice(0, MOST_SHOWN).map((fault) => `  ${fault}`)]),
  ].join('\n')
}

function section(head: string[], rows: (string | number)[][]): string[] {
  return rows.length === 0 ? [] : [tableOf(head, rows)]
}

function linesText(lines: readonly (string | number)[], count: number): string {
  return `${lines.join(', ')}${count > lines.length ? ', …' : ''}`
}
