import { expect, test } from 'vitest'
import { startProcess } from '#pipelines/testing/process.ts'
import { startTestService } from '#pipelines/testing/service.ts'
import { createCatalog } from './app.ts'
import { unexplained } from './testing/books.ts'

const BUYERS = 400
const UNITS = 50

test('400 buyers of 50 units, three processes that hear the same events at once: exactly 50 are reserved', {
  timeout: 240_000,
}, async () => {
  const shop = await startTestService(createCatalog)
  try {
    const body = {
      sku: 'RARE',
      name: 'Rare',
      brand: 'b',
      category: 'c',
      price: { amount: '1', currency: 'EUR' },
      stock: UNITS,
    }
    const { id } = (await shop.call('POST', '/v1/products', { as: 'catalog-admin', body })).body
    const env = { DATABASE_URL: shop.database.url, PRODUCT_ID: id, BUYERS: String(BUYERS) }
    const processes = [1, 2, 3].map(() => startProcess(['services/catalog/testing/instance.ts'], { env }))
    const ends = await Promise.all(processes.map(({ exited }) => exited))
    expect(ends.map(({ code }, index) => [code, processes[index]?.output()])).toEqual(
      ends.map(() => [0, 'all handled\n']),
    )

    const { body: product } = await shop.call('GET', `/v1/products/${id}`)
    expect(product).toMatchObject({ available: 0, reserved: UNITS, sold: 0, stockVersion: UNITS + 1 })
    expect(await unexplained(shop.database)).toEqual([])
    const counts = await shop.database.query(
      'select status, count(*)::int as orders from reservations group by status order by 1',
    )
    expect(counts).toEqual([
      { status: 'REJECTED', orders: BUYERS - UNITS },
      { status: 'RESERVED', orders: UNITS },
    ])
    expect(await shop.database.query('select 1 from dead_letters')).toEqual([])
    // One answer for each question, however many processes heard it: a question and its repetition, two answers.
    const [replies] = await shop.database.query(
      "select count(*)::int as events from outbox where topic = 'order-stock-statuses'",
    )
    expect(replies?.events).toBe(2 * BUYERS)
  } finally {
    await shop.close()
  }
})
