import { expect, it } from 'vitest'
import { previousSpan } from '../state/span.ts'
import { shownOf } from './shown.ts'

const span = { from: 600_000, to: 840_000, stepSeconds: 60 }
const base = { truncated: false, statistics: { elapsedMs: 0, rowsRead: 0, bytesRead: 0 }, parameters: {} }
const at = (minute: number) => new Date(minute * 60_000).toISOString()
const columns = [
  { name: 'time', type: 'DateTime' },
  { name: 'outcome', type: 'String' },
  { name: 'orders', type: 'UInt64' },
]
const now = [
  [at(10), 'Paid', 2],
  [at(10), 'Cancelled', 1],
]
const before = [
  [at(6), 'Paid', 5],
  [at(7), 'Cancelled', 4],
]
const answer = { ...base, columns, rows: now }
const previous = { ...base, columns, rows: before }
const panel = { chart: 'columns', compare: true, gaps: 'zero' } as const

it('without a period before and with nothing switched off it is the answer', () => {
  expect(shownOf(panel, { answer, span }, new Set())).toEqual({ columns, rows: now, off: [] })
  expect(shownOf(panel, {}, new Set())).toEqual({ columns: [], rows: [], off: [] })
})

it('the period before is told apart by a column of its own, and what is switched off is off in both', () => {
  expect(previousSpan(span).from).toBe(360_000)
  expect(shownOf(panel, { answer, previous, span }, new Set(['Cancelled']))).toEqual({
    columns: [...columns, { name: 'period', type: 'String' }],
    rows: [
      [at(10), 'Paid', 2, 'now'],
      [at(6), 'Paid', 5, 'before'],
    ],
    off: ['Cancelled'],
  })
})

it('where the chart does not draw the period before, it is not in the table either', () => {
  const known = { answer, previous, span }
  expect(shownOf({ ...panel, chart: 'line' }, known, new Set()).rows).toEqual(now) // several lines are not compared
  expect(shownOf({ ...panel, chart: 'table' }, known, new Set()).rows).toEqual(now)
  expect(shownOf({ ...panel, compare: false }, known, new Set()).rows).toEqual(now)
})

it('no series of a chart that has none is taken for switched off', () => {
  const bars = { ...base, columns: columns.slice(1), rows: [['Cancelled', 3]] }
  expect(shownOf({ ...panel, chart: 'bars' }, { answer: bars, span }, new Set(['Cancelled'])).rows).toEqual(bars.rows)
})
