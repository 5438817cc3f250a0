import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { columnsOf } from '../data/columns.ts'
import { toCsv, toJson } from './rows.ts'

process.env.TZ = 'Europe/Vienna'

const columns = columnsOf({
  columns: [
    { name: 'name', type: 'LowCardinality(String)' },
    { name: 'total_minor', type: 'SimpleAggregateFunction(max, Nullable(Int64))' },
    { name: 'currency', type: 'String' },
    { name: 'paid_at', type: "Nullable(DateTime64(3, 'UTC'))" },
    { name: 'delta', type: 'Int64' },
  ],
})

describe('CSV', () => {
  it('has amounts as decimals of their currency, times with the offset, and empty fields for null', () => {
    const csv = toCsv({
      columns,
      currency: 'EUR',
      rows: [
        ['Mug, "red"', 129_90, 'EUR', '2026-11-24T05:41:00.123Z', -3],
        ['Vase', '9007199254740993', 'JPY', null, 4],
        ['Cup', null, 'EUR', null, null],
      ],
    })
    expect(csv).toBe(
      'name,total,currency,paid_at,delta\r\n' +
        '"Mug, ""red""",129.90,EUR,2026-11-24T06:41:00.123+01:00,-3\r\n' +
        'Vase,9007199254740993,JPY,,4\r\n' +
        'Cup,,EUR,,\r\n',
    )
  })

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '  =1', "=cmd|' /C calc'!A0", '＝1', '\n=1'])(
    'text that a spreadsheet would run (%j) gets an apostrophe',
    (text) => {
      const [, [cell] = []] = parse(toCsv({ columns: columns.slice(0, 1), currency: '', rows: [[text]] })) as string[][]
      expect(cell).toBe(`'${text}`)
    },
  )

  it('whatever the texts, the file has one field for each, and none begins with what runs', () => {
    const seed = Date.now()
    const texts = fc.sample(fc.string({ unit: fc.constantFrom(...'=+-@\t\r\n ",\';a1＝é😀\u00a0'), maxLength: 12 }), {
      numRuns: 5_000,
      seed,
    })
    const rows = texts.map((text) => [text])
    const csv = toCsv({ columns: columns.slice(0, 1), currency: '', rows })
    const cells = (parse(csv, { record_delimiter: '\r\n', skip_empty_lines: false }) as string[][]).slice(1).flat()
    const without = (text: string) => text.replace(/^'/, '')
    expect(cells.map(without), `seed ${seed}`).toEqual(texts.map(without))
    expect(
      cells.filter((cell) => /^\s*[=+\-@]/.test(cell)),
      `seed ${seed}`,
    ).toEqual([])
  })
})

it('JSON has amounts as REST has them, and is not changed for spreadsheets', () => {
  const json = JSON.parse(toJson({ columns, currency: '', rows: [['=1', '500', 'JPY', '2026-11-24T05:41:00Z', 2]] }))
  expect(json).toEqual([
    {
      name: '=1',
      total: { amount: '500', currency: 'JPY' },
      currency: 'JPY',
      paid_at: '2026-11-24T06:41:00.000+01:00',
      delta: 2,
    },
  ])
})
