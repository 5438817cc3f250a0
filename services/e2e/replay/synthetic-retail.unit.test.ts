import { expect, test } from 'vitest'
import { toInvoices, unitsBySku } from './invoices.ts'
import { parseHistory } from './rows.ts'
import { syntheticRetail } from './testing/synthetic-retail.ts'

const made = syntheticRetail({ seed: 11, invoices: 200, tag: 't' })
const history = parseHistory(Buffer.from(made.csv), { currency: 'GBP', dayFirst: false, maxQuantity: 100_000 })

test('a history in the form of the data sets is read to the last row, nothing dropped', () => {
  const refused = Object.fromEntries([...history.refused].map(([reason, lines]) => [reason, lines.length]))
  expect(history.read).toBe(made.expected.rows)
  expect(refused).toEqual(made.expected.refused)
  expect(Object.keys(refused).length).toBeGreaterThan(4)
})

test('its invoices hold all its units and money', () => {
  const invoices = toInvoices(history.rows)
  const lines = invoices.flatMap((invoice) => invoice.lines)
  expect(invoices.length).toBe(made.expected.invoices)
  expect([...unitsBySku(invoices).values()].reduce((sum, units) => sum + units, 0)).toBe(made.expected.units)
  expect(lines.reduce((sum, { quantity, priceMinor }) => sum + quantity * priceMinor, 0)).toBe(made.expected.totalMinor)
  expect(lines.some(({ sku }) => sku.includes('@'))).toBe(true)
  expect(lines[0]?.name).toMatch(/^HOLDER, "No \d+"$/)
})
