import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parametersOf, writeOutBuckets } from './parameters.ts'
import { OWN_PANELS, panelShelf, readPanels } from './read.ts'
import { readPanel } from './validate.ts'

const GOOD = `-- title: Revenue
-- dashboard: Sales
-- chart: area
-- unit: money
-- refresh: 1m
-- drill: rows-orders status=state product=product_id

SELECT 1 AS time -- a comment of the SQL
`
const ROWS = `-- title: Orders
-- chart: rows

SELECT {status:String}, {product:String}
`

function faultsOf(text: string, file = 'a.sql') {
  const result = readPanel(file, text)
  return 'faults' in result ? result.faults.map(({ line, message }) => `${line}: ${message}`) : []
}

describe('a panel file', () => {
  it('is its front matter and its SQL', () => {
    expect(readPanel('sales-revenue.sql', GOOD)).toEqual({
      panel: {
        id: 'sales-revenue',
        title: 'Revenue',
        dashboard: 'Sales',
        order: 1_000,
        chart: 'area',
        unit: 'money',
        width: 'half',
        gaps: 'zero',
        refreshSeconds: 60,
        compare: true,
        required: false,
        drill: { rows: 'rows-orders', with: { status: 'state', product: 'product_id' } },
        sql: 'SELECT 1 AS time -- a comment of the SQL',
        parameters: [],
      },
    })
  })

  it.each([
    ['a key that does not exist', GOOD.replace('refresh', 'refesh'), /^5: there is no refesh: title, about, empty,/],
    ['a chart that does not exist', GOOD.replace('area', 'pie'), /^3: chart is "pie": it must be one of stats, line,/],
    ['no title', GOOD.replace(/-- title.*\n/, ''), /^1: title is missing/],
    ['no dashboard', GOOD.replace(/-- dashboard.*\n/, ''), /^1: dashboard is missing/],
    ['a dashboard for rows', ROWS.replace('\n\n', '\n-- dashboard: Sales\n\n'), /^3: rows stand on no dashboard/],
    ['a refresh without its unit', GOOD.replace('1m', '60'), /^5: refresh must be like 5s or 1m/],
    ['a drill without columns', GOOD.replace('status=state', 'status'), /^6: drill must be like/],
    ['a key twice', GOOD.replace('-- unit: money', '-- title: Again'), /^4: title stands twice/],
    ['a comment in the front matter', `-- hello\n${GOOD}`, /^1: write "-- key: value"/],
    ['no SQL', GOOD.replace(/SELECT.*/, ''), /^1: there is no SQL/],
  ])('with %s is refused, and told where', (_case, text, message) => {
    expect(faultsOf(text).join('\n')).toMatch(message)
  })

  it('tells all that is wrong at once', () => {
    expect(faultsOf('-- chart: pie\n-- unit: furlongs\n', 'A.SQL').length).toBe(6)
  })
})

describe('parameters', () => {
  it('are found once each, outside of texts and comments', () => {
    const sql = `SELECT {a:String}, {b : Array(UInt8)}, '{c:String}', {a:String} -- {d:String}\n/* {e:Int8} */ WHERE x = 'it''s {f:Int8}' AND {g:DateTime64(3)}`
    expect(parametersOf(sql)).toEqual([
      { name: 'a', type: 'String' },
      { name: 'b', type: 'Array(UInt8)' },
      { name: 'g', type: 'DateTime64(3)' },
    ])
  })

  it('$bucket takes a column and nothing else', () => {
    expect(writeOutBuckets('SELECT $bucket(o.paid_at)')).toMatch(/^SELECT if\(\{step:UInt32\} < 3600, .*\bo\.paid_at\b/)
    expect(writeOutBuckets('SELECT $bucket(now() - 1)')).toBe('SELECT $bucket(now() - 1)')
  })
})

describe('a folder', () => {
  let folder: string
  const put = (name: string, text: string) => writeFile(join(folder, name), text)
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'eshop-panels-'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  it('of ours has no faults', async () => {
    const { panels, faults } = await readPanels([OWN_PANELS])
    expect(faults).toEqual([])
    expect([...new Set(panels.flatMap(({ dashboard }) => dashboard ?? []))]).toEqual([
      'Sales',
      'Order flow',
      'Stock and prices',
      'Pipeline health',
    ])
  })

  it('gets a panel by getting a file, without a restart', async () => {
    let now = 0
    const shelf = panelShelf([folder], () => now)
    expect((await shelf.current()).panels).toEqual([])
    await put('mine.sql', GOOD.replace(/-- drill.*\n/, ''))
    now += 1_000
    expect((await shelf.current()).panels.map(({ id }) => id)).toEqual(['mine'])
  })

  it('keeps its good files beside a bad one, and says what is wrong with that', async () => {
    await put('good.sql', GOOD)
    await put('rows-orders.sql', ROWS)
    await put('bad.sql', GOOD.replace('area', 'pie'))
    const { panels, faults } = await readPanels([folder])
    expect(panels.map(({ id }) => id)).toEqual(['good', 'rows-orders'])
    expect(faults).toMatchObject([{ file: 'bad.sql', line: 3 }])
  })

  it('of another folder takes the place of ours by its name', async () => {
    await put('sales-revenue.sql', GOOD.replace(/-- drill.*\n/, '').replace('Revenue', 'Ours now'))
    const { panels } = await readPanels([OWN_PANELS, folder])
    expect(panels.filter(({ id }) => id === 'sales-revenue').map(({ title }) => title)).toEqual(['Ours now'])
  })

  it.each([
    ['a drill to rows that are not there', GOOD, 'drill leads to rows-orders.sql'],
    [
      'a parameter nobody gives',
      GOOD.replace(/-- drill.*\n/, '').replace('1 AS', '{wish:String} AS'),
      'nobody gives {wish}',
    ],
    [
      'a given parameter of another type',
      GOOD.replace(/-- drill.*\n/, '').replace('1 AS', '{from:String} AS'),
      '{from} is a DateTime64(3), not a String',
    ],
  ])('with %s leaves that panel out', async (_case, text, message) => {
    await put('one.sql', text)
    const { panels, faults } = await readPanels([folder])
    expect(panels).toEqual([])
    expect(faults[0]?.message).toContain(message)
  })

  it('with a drill to a parameter that the rows do not have leaves that panel out', async () => {
    await put('one.sql', GOOD.replace('product=', 'produkt='))
    await put('rows-orders.sql', ROWS)
    expect((await readPanels([folder])).faults).toMatchObject([
      { message: 'drill fills {produkt}, which rows-orders.sql does not have' },
    ])
  })

  it('that is not there is a fault and no error', async () => {
    expect((await readPanels([join(folder, 'nowhere')])).faults).toMatchObject([
      { message: expect.stringContaining('cannot be read') },
    ])
  })
})
