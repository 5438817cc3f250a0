import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { orderEvents } from '../../testing/events.ts'
import { exactlyOnce } from '../../testing/exactly-once.ts'
import { type Harness, harness } from '../../testing/harness.ts'
import { eraseCustomer } from '../erase.ts'
import { importHistory } from './import-history.ts'

const HEADER = 'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country'
const options = { currency: 'GBP', dayFirst: false, progress: () => {} }
let folder: string
let shop: Harness
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eshop-import-'))
})
afterEach(() => shop?.close())
afterAll(() => rm(folder, { recursive: true, force: true }))

it('shows past orders beside the live ones, each once however often the file is loaded', async () => {
  shop = await harness()
  const { published } = shop.databases
  await shop.startIngest()
  await shop.publish(...orderEvents('Shipped'))
  await exactlyOnce(shop)
  const file = join(folder, 'history.csv')
  const lines = [
    '536365,85123A,"HOLDER, ""WHITE""",6,12/1/2010 8:26,2.55,17850,United Kingdom',
    '536365,71053,LANTERN,2,12/1/2010 8:26,3.39,17850,United Kingdom',
    '536366,22633,"TWO\nLINES",1,12/1/2010 8:28,1.85,17851.0,France',
    'C536379,D,Discount,-1,12/1/2010 9:41,27.50,14527,United Kingdom',
    '536370,22728,NO CUSTOMER,4,12/1/2010 8:45,3.75,,France',
    '536371,22728,NO DAY,4,13/32/2010 8:45,3.75,17851,France',
  ]
  await writeFile(file, [HEADER, ...lines].join('\r\n'))
  for (let again = 0; again < 2; again++)
    expect(await importHistory(shop.db, shop.databases, file, options)).toEqual({
      lines: 3,
      refused: new Map([
        ['returned', 1],
        ['without a customer', 1],
        ['with a date that cannot be read', 1],
      ]),
      orders: 2,
    })
  const orders = await shop.rows(
    `SELECT customer_id, status, total_minor, currency, items.name AS names, item_count, toString(checked_out_at) AS at
     FROM ${published}.orders WHERE channel = 'REPLAY' ORDER BY at, customer_id`,
  )
  expect(orders).toEqual([
    {
      customer_id: '17850',
      status: 'Shipped',
      total_minor: 2208,
      currency: 'GBP',
      names: ['HOLDER, "WHITE"', 'LANTERN'],
      item_count: 2,
      at: '2010-12-01 08:26:00.000',
    },
    expect.objectContaining({ customer_id: '17851', total_minor: 185, names: ['TWO\nLINES'] }),
  ])
  expect(await shop.rows(`SELECT count() AS rows FROM ${published}.orders`)).toEqual([{ rows: 3 }])
  expect(await shop.rows(`SELECT sum(quantity) AS units FROM ${published}.order_items WHERE currency = 'GBP'`)).toEqual(
    [{ units: 9 }],
  )

  // A customer who was erased stays so, and the order the same, when the file is loaded again.
  const known = `SELECT order_id, customer_id, total_minor FROM ${published}.orders WHERE channel = 'REPLAY' ORDER BY total_minor`
  const [french, british] = await shop.rows<{ order_id: string }>(known)
  expect(await eraseCustomer(shop.db, shop.databases, '17850')).toMatchObject({ orders: 1 })
  const erased = [french, { ...british, customer_id: '' }]
  expect(await shop.rows(known)).toEqual(erased)
  await importHistory(shop.db, shop.databases, file, options)
  expect(await shop.rows(known)).toEqual(erased)
  expect(JSON.stringify(await shop.rows(`SELECT * FROM ${shop.databases.store}.imported_lines`))).not.toContain('17850')
})

it('says which columns a file lacks', async () => {
  shop = await harness()
  const file = join(folder, 'other.csv')
  await writeFile(file, 'InvoiceNo,Quantity\n1,2\n')
  await expect(importHistory(shop.db, shop.databases, file, options)).rejects.toMatchObject({
    code: 'CSV_COLUMNS',
    message: expect.stringContaining('stockcode'),
  })
})

it('refuses a file that is no CSV in words, and shows nothing of it', async () => {
  shop = await harness()
  const file = join(folder, 'broken.csv')
  for (const [content, code] of [
    [Buffer.from([0, 1, 34, 65, 34, 66, 10, 250]), 'CSV_BROKEN'],
    [`${HEADER}\n1,2,"open,3,1/1/2011 8:00,2.5,7,UK\n`, 'CSV_BROKEN'],
    ['', 'CSV_EMPTY'],
  ] as const) {
    await writeFile(file, content)
    await expect(importHistory(shop.db, shop.databases, file, options)).rejects.toMatchObject({ code })
  }
  const pounds = { ...options, currency: 'pounds' }
  await expect(importHistory(shop.db, shop.databases, file, pounds)).rejects.toMatchObject({ code: 'CURRENCY_UNKNOWN' })
  expect(await shop.rows(`SELECT count() AS n FROM ${shop.databases.published}.orders`)).toEqual([{ n: 0 }])
})

it('is made whole by the next load when it broke off, and shows no order before', async () => {
  shop = await harness()
  const { published } = shop.databases
  const file = join(folder, 'long.csv')
  const line = (n: number) => `i${n >> 3},s${n % 50},Thing,2,1/1/2011 8:00,2.50,${1000 + (n % 7)},UK`
  await writeFile(file, [HEADER, ...Array.from({ length: 1_500 }, (_, n) => line(n))].join('\n'))
  const stop = () => {
    throw new TypeError('interrupted')
  }
  await expect(
    importHistory(shop.db, shop.databases, file, { ...options, chunkLines: 1_000, progress: stop }),
  ).rejects.toThrow('interrupted')
  expect(await shop.rows(`SELECT count() AS n FROM ${published}.orders`)).toEqual([{ n: 0 }])
  expect(await importHistory(shop.db, shop.databases, file, options)).toMatchObject({ lines: 1_500 })
  expect(await shop.rows(`SELECT sum(quantity) AS units FROM ${published}.order_items`)).toEqual([{ units: 3_000 }])
})
