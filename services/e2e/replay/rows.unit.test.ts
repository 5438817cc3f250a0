import { expect, test } from 'vitest'
import { parseHistory, readDate } from './rows.ts'

const OPTIONS = { currency: 'GBP', dayFirst: false, maxQuantity: 1000 }
const HEADER = 'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country'
const history = (...lines: string[]) => parseHistory(Buffer.from([HEADER, ...lines].join('\n')), OPTIONS)

test('a sold line is read with its price in minor units and its time in UTC', () => {
  const { rows, read } = history('536365,85123A,"HOLDER, WHITE",6,12/1/2010 8:26,2.55,17850.0,United Kingdom')
  expect(read).toBe(1)
  expect(rows).toEqual([
    {
      line: 2,
      invoice: '536365',
      customer: '17850',
      stockCode: '85123A',
      description: 'HOLDER, WHITE',
      quantity: 6,
      priceMinor: 255,
      at: Date.UTC(2010, 11, 1, 8, 26),
      country: 'United Kingdom',
    },
  ])
})

test('columns may stand in any order, with the later names, among others', () => {
  const { rows } = parseHistory(
    Buffer.from(
      '\uFEFFCountry,extra,Price,Customer ID,Invoice,InvoiceDate,Quantity,StockCode,Description\nFrance,x,1.5,1,7,2011-02-03 10:00:00,2,A,B',
    ),
    OPTIONS,
  )
  expect(rows[0]).toMatchObject({ country: 'France', priceMinor: 150, customer: '1', invoice: '7', quantity: 2 })
})

test.each([
  ['return', 'C536379,D,Discount,-1,12/1/2010 9:41,27.50,14527,United Kingdom'],
  ['return', '536379,D,Discount,-1,12/1/2010 9:41,27.50,14527,United Kingdom'],
  ['no-customer', '536414,22139,,56,12/1/2010 11:52,0.5,,United Kingdom'],
  ['bad-quantity', '536414,22139,,x,12/1/2010 11:52,0.5,1,United Kingdom'],
  ['bad-quantity', '536414,22139,,1.5,12/1/2010 11:52,0.5,1,United Kingdom'],
  ['bad-quantity', '536414,22139,,0,12/1/2010 11:52,0.5,1,United Kingdom'],
  ['bad-price', '536414,22139,,1,12/1/2010 11:52,0,1,United Kingdom'],
  ['bad-price', '536414,22139,,1,12/1/2010 11:52,0.001,1,United Kingdom'],
  ['bad-price', '536414,22139,,1,12/1/2010 11:52,abc,1,United Kingdom'],
  ['bad-date', '536414,22139,,1,13/13/2010 11:52,0.5,1,United Kingdom'],
  ['bad-date', '536414,22139,,1,2/30/2010 11:52,0.5,1,United Kingdom'],
  ['incomplete', ',22139,,1,12/1/2010 11:52,0.5,1,United Kingdom'],
  ['too-many', '536414,22139,,80995,12/1/2010 11:52,0.5,1,United Kingdom'],
  ['no-customer', '536414,22139,x,1'],
])('a refused row is counted as %s: %s', (reason, line) => {
  const { rows, refused, read } = history(line)
  expect([...refused.entries()]).toEqual([[reason, [2]]])
  expect(rows).toEqual([])
  expect(read).toBe(1)
})

test('every row is either played or refused', () => {
  const lines = [
    '1,A,a,1,12/1/2010 8:26,1.00,1,X',
    'C2,A,a,1,12/1/2010 8:26,1.00,1,X',
    '3,A,a,1,never,1.00,1,X',
    '4,A,a,2,12/2/2010 8:26,1.10,1,X',
  ]
  const { rows, refused, read } = history(...lines)
  expect(rows.length + [...refused.values()].flat().length).toBe(read)
})

test('Latin-1 is read as the data set means it', () => {
  const bytes = Buffer.concat([
    Buffer.from(`${HEADER}\n1,A,CAF`),
    Buffer.from([0xc9]),
    Buffer.from(',1,12/1/2010 8:26,1.00,1,X'),
  ])
  expect(parseHistory(bytes, OPTIONS).rows[0]?.description).toBe('CAFÉ')
})

test('a file without the columns names those it lacks', () => {
  expect(() => parseHistory(Buffer.from('a,b,Quantity\n1,2,3'), OPTIONS)).toThrow(
    /invoiceno, stockcode, description, invoicedate, unitprice, customerid, country/,
  )
  expect(() => parseHistory(Buffer.from(''), OPTIONS)).toThrow(/empty/)
})

test('a date says which of day and month comes first only by option', () => {
  expect(readDate('3/4/2011 10:00', false)).toBe(Date.UTC(2011, 2, 4, 10))
  expect(readDate('3/4/2011 10:00', true)).toBe(Date.UTC(2011, 3, 3, 10))
  expect(readDate('2011-04-03T10:00:05Z', true)).toBe(Date.UTC(2011, 3, 3, 10, 0, 5))
})
