import { describe, expect, it } from 'vitest'
import { kindOf, plainType } from './columns.ts'
import { REST, timeDataOf, withoutSeries } from './series.ts'

const span = { from: 0, to: 240_000, stepSeconds: 60 }
const base = { truncated: false, statistics: { elapsedMs: 0, rowsRead: 0, bytesRead: 0 }, parameters: {} }
const at = (minute: number) => new Date(minute * 60_000).toISOString()
const time = { name: 'time', type: 'DateTime' }
const long = (rows: unknown[][]) => ({
  ...base,
  columns: [time, { name: 'status', type: 'String' }, { name: 'n', type: 'UInt64' }],
  rows,
})

describe('series over time', () => {
  it('of long form are one per name, with every slot', () => {
    const data = timeDataOf(
      long([
        [at(0), 'a', 1],
        [at(2), 'a', '2'],
        [at(2), 'b', 5],
      ]),
      span,
      'zero',
    )
    expect(data.times).toEqual([0, 60_000, 120_000, 180_000])
    expect(data.by).toBe('status')
    expect(data.series).toEqual([
      { name: 'a', values: [1, 0, 2, 0] },
      { name: 'b', values: [0, 0, 5, 0] },
    ])
  })

  it('of wide form are one per number column', () => {
    const answer = {
      ...base,
      columns: [time, { name: 'p50', type: 'Float64' }, { name: 'p99', type: 'Float64' }],
      rows: [[at(1), 1.5, 9]],
    }
    expect(timeDataOf(answer, span, 'open').series).toEqual([
      { name: 'p50', values: [null, 1.5, null, null] },
      { name: 'p99', values: [null, 9, null, null] },
    ])
  })

  it('can go on as before', () => {
    expect(timeDataOf(long([[at(1), 'a', 7]]), span, 'last').series[0]?.values).toEqual([null, 7, 7, 7])
  })

  it('beyond eight are told together, and nothing is lost', () => {
    const rows = Array.from({ length: 12 }, (_x, index) => [at(0), `s${index}`, index + 1])
    const { series } = timeDataOf(long(rows), span, 'zero')
    expect(series.length).toBe(8)
    expect(series.at(-1)?.name).toBe(REST)
    expect(series.reduce((sum, one) => sum + (one.values[0] ?? 0), 0)).toBe(78)
  })

  it('stand in one order, good before bad, whatever came first', () => {
    const { series } = timeDataOf(
      long([
        [at(0), 'Cancelled', 1],
        [at(1), 'Paid or shipped', 1],
      ]),
      span,
      'zero',
    )
    expect(series.map(({ name }) => name)).toEqual(['Paid or shipped', 'Cancelled'])
  })

  it('a time outside of the span is left out, one between two slots goes to the earlier', () => {
    const { series } = timeDataOf(
      long([
        [at(-1), 'a', 9],
        [new Date(90_000).toISOString(), 'a', 4],
      ]),
      span,
      'zero',
    )
    expect(series[0]?.values).toEqual([0, 4, 0, 0])
  })
})

it('what a column holds is told by its name and type', () => {
  expect(plainType("SimpleAggregateFunction(min, Nullable(DateTime64(3, 'UTC')))")).toBe("DateTime64(3, 'UTC')")
  expect(plainType('LowCardinality(Nullable(String))')).toBe('String')
  expect(kindOf('total_minor', 'Nullable(Int64)')).toBe('money')
  expect(kindOf('order_id', 'UUID')).toBe('order')
  expect(kindOf('reason_ms', 'String')).toBe('text')
  expect(kindOf('n', 'Decimal(10, 2)')).toBe('number')
})

describe('what shows while series are switched off', () => {
  const none = { rest: new Set<string>() }

  it('lacks their rows in long form', () => {
    const rows = [
      [at(0), 'a', 1],
      [at(0), 'b', 2],
    ]
    expect(withoutSeries(long(rows), none, new Set(['b'])).rows).toEqual([[at(0), 'a', 1]])
    expect(withoutSeries(long(rows), none, new Set()).rows).toEqual(rows)
  })

  it('lacks their columns in wide form', () => {
    const columns = [time, { name: 'p50', type: 'UInt64' }, { name: 'p99', type: 'UInt64' }]
    const left = withoutSeries({ ...base, columns, rows: [[at(0), 1, 9]] }, none, new Set(['p50']))
    expect(left).toEqual({ columns: [columns[0], columns[2]], rows: [[at(0), 9]] })
  })

  it('lacks every series of the rest with it, and only those; the sum is that of the chart', () => {
    const answer = long(Array.from({ length: 12 }, (_x, index) => [at(0), `s${index}`, index + 1]))
    const data = timeDataOf(answer, span, 'zero')
    const names = (hidden: string[]) =>
      withoutSeries(answer, data, new Set(hidden))
        .rows.map((row) => row[1])
        .join(' ')
    expect(names([REST])).toBe('s5 s6 s7 s8 s9 s10 s11')
    expect(names([REST, 's11'])).toBe('s5 s6 s7 s8 s9 s10')
    // One of the rest has no switch of its own, also when it had one before it became small.
    expect(names(['s0'])).toBe('s0 s1 s2 s3 s4 s5 s6 s7 s8 s9 s10 s11')
    const drawn = data.series.filter(({ name }) => name !== REST).reduce((sum, { values }) => sum + (values[0] ?? 0), 0)
    const left = withoutSeries(answer, data, new Set([REST])).rows.reduce((sum, row) => sum + Number(row[2]), 0)
    expect(left).toBe(drawn)
  })
})
