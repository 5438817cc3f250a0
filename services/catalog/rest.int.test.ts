import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { newId } from '#pipelines/kernel/ids.ts'
import { eventually } from '#pipelines/testing/eventually.ts'
import { startTestService, type TestService } from '#pipelines/testing/service.ts'
import { createCatalog } from './app.ts'

let shop: TestService
let number = 0
beforeAll(async () => {
  shop = await startTestService(createCatalog)
})
afterAll(() => shop.close())
beforeEach(() => {
  number++
})

const admin = { as: 'catalog-admin', sub: 'ada' } as const

function mug(given: Record<string, unknown> = {}) {
  return {
    sku: `MUG-${number}`,
    name: `Red mug ${number}`,
    brand: `Clay ${number}`,
    category: 'kitchen',
    price: { amount: '12.99', currency: 'EUR' },
    ...given,
  }
}

async function create(given: Record<string, unknown> = {}) {
  const { status, body, headers } = await shop.call('POST', '/v1/products', { ...admin, body: mug(given) })
  expect(status).toBe(201)
  return { ...body, etag: headers.get('etag') as string }
}

const eventsOf = async (topic: 'product-price-changes' | 'product-stock-changes', productId: string) =>
  (await shop.published(topic)).filter((event) => 'productId' in event && event.productId === productId)

describe('a new product', () => {
  test('is shown to everybody, with its price and stock', async () => {
    const { status, body, headers } = await shop.call('POST', '/v1/products', { ...admin, body: mug({ stock: 5 }) })
    expect(status).toBe(201)
    expect(headers.get('location')).toBe(`/v1/products/${body.id}`)
    expect(body).toMatchObject({
      price: { amount: '12.99', currency: 'EUR' },
      priceVersion: 1,
      available: 5,
      reserved: 0,
      sold: 0,
    })
    const shown = await shop.call('GET', `/v1/products/${body.id}`)
    expect(shown.body).toEqual(body)
    expect(shown.headers.get('etag')).toBe(headers.get('etag'))
    expect(shown.body).toMatchObject({ description: null, discontinued: false, stockVersion: 1 })
  })

  test('tells its first price and stock', async () => {
    const { id } = await create({ stock: 5 })
    const [price] = await eventually(async () => {
      const events = await eventsOf('product-price-changes', id)
      return events.length > 0 && events
    })
    expect(price).toMatchObject({
      priceVersion: 1,
      oldPriceMinor: null,
      newPriceMinor: 1299,
      currency: 'EUR',
      sku: `MUG-${number}`,
    })
    const [stock] = await eventually(async () => {
      const events = await eventsOf('product-stock-changes', id)
      return events.length > 0 && events
    })
    expect(stock).toMatchObject({
      stockVersion: 1,
      available: 5,
      reserved: 0,
      delta: 5,
      reason: 'RECEIVED',
      orderId: null,
    })
  })

  test('whose sku is taken is 409 and names the other', async () => {
    const { id } = await create()
    const { status, body } = await shop.call('POST', '/v1/products', { ...admin, body: mug() })
    expect([status, body.code, body.productId]).toEqual([409, 'SKU_TAKEN', id])
  })

  test('may have an article number as its sku, also one whose digits add up as those of a card', async () => {
    const { status, body } = await shop.call('POST', '/v1/products', { ...admin, body: mug({ sku: '4000000000105' }) })
    expect([status, body.sku]).toEqual([201, '4000000000105'])
  })

  test.each([
    ['a negative price', { price: { amount: '-1', currency: 'EUR' } }, 400],
    ['too many decimals', { price: { amount: '1.234', currency: 'EUR' } }, 422],
    ['decimals of yen', { price: { amount: '1.5', currency: 'JPY' } }, 422],
    ['a price as a number', { price: 12.99 }, 400],
    ['negative stock', { stock: -1 }, 400],
    ['too much stock', { stock: 1e10 }, 400],
    ['no name', { name: '' }, 400],
    ['a name of spaces', { name: '  ' }, 400],
    ['a name with a line break', { name: 'a\nb' }, 400],
    ['a null description', { description: null }, 400],
    ['an id of its own', { id: newId() }, 400],
    ['reserved units', { reserved: 5 }, 400],
    ['a card number for a name', { name: '4111 1111 1111 1111' }, 400],
  ])('with %s is refused', async (_name, given, expected) => {
    const { status, body } = await shop.call('POST', '/v1/products', { ...admin, body: mug(given) })
    expect(status).toBe(expected)
    expect(body.code).toBeDefined()
    const { body: list } = await shop.call('GET', `/v1/products?q=MUG-${number}`)
    expect(list.items).toEqual([])
  })
})

describe('editing', () => {
  test('needs the version that was seen', async () => {
    const { id, etag } = await create()
    const path = `/v1/products/${id}`
    const edit = (headers: Record<string, string>) =>
      shop.call('PATCH', path, { ...admin, headers, body: { name: 'Blue mug' } })
    expect((await edit({})).status).toBe(428)
    expect((await edit({ 'if-match': 'W/"1"' })).status).toBe(412)
    expect((await edit({ 'if-match': 'nonsense' })).status).toBe(400)
    const first = await edit({ 'if-match': etag })
    expect([first.status, first.body.name]).toEqual([200, 'Blue mug'])
    const late = await edit({ 'if-match': etag })
    expect([late.status, late.body.code]).toEqual([412, 'VERSION_CHANGED'])
    expect((await edit({ 'if-match': first.headers.get('etag') as string })).status).toBe(200)
  })

  test('is not stopped by stock that moved, but a cache is', async () => {
    const { id, etag } = await create()
    await shop.call('POST', `/v1/products/${id}/stock`, { ...admin, body: { delta: 1, reason: 'RECEIVED' } })
    expect((await shop.call('GET', `/v1/products/${id}`, { headers: { 'if-none-match': etag } })).status).toBe(200)
    const edited = await shop.call('PATCH', `/v1/products/${id}`, {
      ...admin,
      headers: { 'if-match': etag },
      body: { brand: 'B' },
    })
    expect(edited.status).toBe(200)
    const again = await shop.call('GET', `/v1/products/${id}`, {
      headers: { 'if-none-match': edited.headers.get('etag') as string },
    })
    expect([again.status, again.body]).toEqual([304, undefined])
  })

  test.each([
    [{}],
    [{ price: { amount: '1.00', currency: 'EUR' } }],
    [{ sku: 'x' }],
    [{ available: 3 }],
    [{ name: null }],
  ])('with %j is refused', async (body) => {
    const { id, etag } = await create()
    const answer = await shop.call('PATCH', `/v1/products/${id}`, { ...admin, headers: { 'if-match': etag }, body })
    expect(answer.status).toBe(400)
  })
})

describe('prices', () => {
  test('are counted, told and remembered', async () => {
    const { id, etag } = await create()
    const set = (amount: string, version: string) =>
      shop.call('PUT', `/v1/products/${id}/price`, {
        ...admin,
        headers: { 'if-match': version },
        body: { price: { amount, currency: 'EUR' } },
      })
    const first = await set('9.99', etag)
    expect(first.body).toMatchObject({ price: { amount: '9.99', currency: 'EUR' }, priceVersion: 2 })
    const same = await set('9.99', first.headers.get('etag') as string)
    expect(same.body.priceVersion).toBe(2)
    expect(same.headers.get('etag')).toBe(first.headers.get('etag'))
    expect((await set('1.00', etag)).status).toBe(412)
    const events = await eventually(async () => {
      const told = await eventsOf('product-price-changes', id)
      return told.length === 2 && told
    })
    expect(events[1]).toMatchObject({ priceVersion: 2, oldPriceMinor: 1299, newPriceMinor: 999 })
    const { body } = await shop.call('GET', `/v1/products/${id}/prices?limit=1`)
    expect(body.items).toMatchObject([{ priceVersion: 2, price: { amount: '9.99', currency: 'EUR' } }])
    const rest = await shop.call('GET', `/v1/products/${id}/prices?cursor=${body.nextCursor}`)
    expect(rest.body).toMatchObject({ items: [{ priceVersion: 1 }], nextCursor: null })
  })

  test('stay in their currency', async () => {
    const { id, etag } = await create()
    const { status, body } = await shop.call('PUT', `/v1/products/${id}/price`, {
      ...admin,
      headers: { 'if-match': etag },
      body: { price: { amount: '1.00', currency: 'USD' } },
    })
    expect([status, body.code]).toEqual([422, 'CURRENCY_FIXED'])
  })

  test('set at once by two people: one is told that the other was faster', async () => {
    const { id, etag } = await create()
    const answers = await Promise.all(
      ['1.00', '2.00', '3.00', '4.00'].map((amount) =>
        shop.call('PUT', `/v1/products/${id}/price`, {
          ...admin,
          headers: { 'if-match': etag },
          body: { price: { amount, currency: 'EUR' } },
        }),
      ),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412, 412, 412])
  })
})

describe('stock', () => {
  test('moves by deliveries and corrections, and the ledger explains it', async () => {
    const { id } = await create({ stock: 5 })
    const change = (delta: number, reason: string, note?: string) =>
      shop.call('POST', `/v1/products/${id}/stock`, { ...admin, body: { delta, reason, ...(note && { note }) } })
    expect((await change(10, 'RECEIVED')).body).toMatchObject({ available: 15, stockVersion: 2 })
    expect((await change(-3, 'CORRECTED', 'broken')).body).toMatchObject({ available: 12, stockVersion: 3 })
    const short = await change(-13, 'CORRECTED')
    expect([short.status, short.body.code, short.body.available]).toEqual([409, 'STOCK_INSUFFICIENT', 12])
    const { body } = await shop.call('GET', `/v1/products/${id}/stock/movements`, { as: 'warehouse' })
    expect(body.items).toMatchObject([
      { stockVersion: 3, delta: -3, available: 12, reason: 'CORRECTED', note: 'broken', movedBy: 'ada', orderId: null },
      { stockVersion: 2, delta: 10, available: 15, reason: 'RECEIVED' },
      { stockVersion: 1, delta: 5, available: 5, reason: 'RECEIVED' },
    ])
    expect(body.nextCursor).toBeNull()
  })

  test.each([
    [{ delta: 0, reason: 'CORRECTED' }, 422],
    [{ delta: -1, reason: 'RECEIVED' }, 422],
    [{ delta: 1, reason: 'SOLD' }, 400],
    [{ delta: 1.5, reason: 'RECEIVED' }, 400],
    [{ delta: '1', reason: 'RECEIVED' }, 400],
    [{ delta: 1e12, reason: 'RECEIVED' }, 400],
    [{ delta: 1 }, 400],
  ])('does not change by %j', async (body, expected) => {
    const { id } = await create()
    expect((await shop.call('POST', `/v1/products/${id}/stock`, { ...admin, body })).status).toBe(expected)
    expect((await shop.call('GET', `/v1/products/${id}`)).body.stockVersion).toBe(0)
  })

  test('moves once under one idempotency key, and the answer is the same', async () => {
    const { id } = await create()
    const send = (body: object, key = `key-${number}`) =>
      shop.call('POST', `/v1/products/${id}/stock`, { ...admin, headers: { 'idempotency-key': key }, body })
    const first = await send({ delta: 4, reason: 'RECEIVED' })
    const again = await send({ reason: 'RECEIVED', delta: 4 })
    expect(again.body).toEqual(first.body)
    expect([first.headers.get('idempotency-replayed'), again.headers.get('idempotency-replayed')]).toEqual([
      null,
      'true',
    ])
    const other = await send({ delta: 5, reason: 'RECEIVED' })
    expect([other.status, other.body.code]).toEqual([422, 'IDEMPOTENCY_KEY_REUSED'])
    expect((await shop.call('GET', `/v1/products/${id}`)).body.available).toBe(4)
    const { id: otherId } = await create({ sku: `OTHER-${number}` })
    const elsewhere = await shop.call('POST', `/v1/products/${otherId}/stock`, {
      ...admin,
      headers: { 'idempotency-key': `key-${number}` },
      body: { delta: 4, reason: 'RECEIVED' },
    })
    expect(elsewhere.status).toBe(422)
  })

  test('20 requests at once under one key move it once', async () => {
    const { id } = await create()
    const answers = await Promise.all(
      Array.from({ length: 20 }, () =>
        shop.call('POST', `/v1/products/${id}/stock`, {
          ...admin,
          headers: { 'idempotency-key': `burst-${number}` },
          body: { delta: 4, reason: 'RECEIVED' },
        }),
      ),
    )
    const statuses = new Set(answers.map(({ status }) => status))
    expect([...statuses].every((status) => status === 200 || status === 409)).toBe(true)
    expect(
      answers.filter(({ status, headers }) => status === 200 && !headers.get('idempotency-replayed')),
    ).toHaveLength(1)
    expect((await shop.call('GET', `/v1/products/${id}`)).body.available).toBe(4)
  })
})

describe('browsing', () => {
  test('finds by words, brand, category, price and stock', async () => {
    const red = await create({ stock: 1, description: 'fired twice' })
    const blue = await create({ sku: `BLUE-${number}`, name: 'Blue jug', price: { amount: '5.00', currency: 'EUR' } })
    const brand = encodeURIComponent(`clay ${number}`)
    const find = async (query: string) =>
      (await shop.call('GET', `/v1/products?brand=${brand}&${query}`)).body.items.map(({ id }: { id: string }) => id)
    expect(await find('')).toEqual([blue.id, red.id])
    expect(await find('sort=-name')).toEqual([red.id, blue.id])
    expect(await find('sort=price')).toEqual([blue.id, red.id])
    expect(await find('sort=newest')).toEqual([blue.id, red.id])
    expect(await find('q=mu')).toEqual([red.id])
    expect(await find('q=RED%20fired')).toEqual([red.id])
    expect(await find('q=red%20jug')).toEqual([])
    expect(await find('q=%26%7C!%3A*')).toEqual([])
    expect(await find('minPrice=5.01')).toEqual([red.id])
    expect(await find('maxPrice=5')).toEqual([blue.id])
    expect(await find('inStock=true')).toEqual([red.id])
    expect(await find('inStock=false')).toEqual([blue.id])
    expect(await find('category=Kitchen&currency=EUR')).toHaveLength(2)
    expect(await find('category=garden')).toEqual([])
    expect(await find("q=x')%3B%20drop%20table%20products%3B--")).toEqual([])
  })

  test.each(['name', '-name', 'price', '-price', 'newest'])('pages by %s show every product once', async (sort) => {
    const made: string[] = []
    for (let index = 0; index < 7; index++) {
      const price = { amount: `${1 + (index % 3)}.00`, currency: 'EUR' }
      made.push(
        (await create({ sku: `P-${number}-${index}`, name: `Pot ${index % 2}`, brand: `Pages ${number}`, price })).id,
      )
    }
    const seen: string[] = []
    let cursor: string | null = ''
    let pages = 0
    while (cursor !== null) {
      const query = `brand=Pages%20${number}&sort=${sort}&limit=3${cursor && `&cursor=${cursor}`}`
      const { body } = await shop.call('GET', `/v1/products?${query}`)
      seen.push(...body.items.map(({ id }: { id: string }) => id))
      cursor = body.nextCursor
      pages++
    }
    expect(pages).toBe(3)
    expect([...seen].sort()).toEqual([...made].sort())
  })

  test.each([
    'cursor=x',
    'limit=0',
    'limit=101',
    'sort=color',
    'minPrice=x',
    'inStock=maybe',
    'page=2',
    'ids=1',
    'q=%00',
    'q=',
  ])('?%s is refused', async (query) => {
    expect((await shop.call('GET', `/v1/products?${query}`)).status).toBe(400)
  })

  test('a cursor of another order, or a changed one, is refused', async () => {
    await create()
    await create({ sku: `SECOND-${number}` })
    const { body } = await shop.call('GET', '/v1/products?limit=1&sort=price')
    for (const position of [['name', 'x', 'y'], ['price', 'x', newId()], ['newest', 'x', newId()], 7, ['price', '1']]) {
      const cursor = Buffer.from(JSON.stringify(position)).toString('base64url')
      const sort = Array.isArray(position) ? position[0] : 'name'
      expect((await shop.call('GET', `/v1/products?sort=${sort}&cursor=${cursor}`)).body.code).toBe('CURSOR_INVALID')
    }
    expect((await shop.call('GET', `/v1/products?limit=1&sort=name&cursor=${body.nextCursor}`)).status).toBe(400)
  })

  test('by ids gives what there is, discontinued or not', async () => {
    const one = await create()
    const two = await create({ sku: `TWO-${number}` })
    await shop.call('DELETE', `/v1/products/${two.id}`, admin)
    const { body } = await shop.call('GET', `/v1/products?ids=${one.id},${two.id},${newId()}`)
    expect(body.items.map(({ id, discontinued }: { id: string; discontinued: boolean }) => [id, discontinued])).toEqual(
      [
        [one.id, false],
        [two.id, true],
      ],
    )
  })

  test('counts brands and categories', async () => {
    await create()
    const brands = (await shop.call('GET', '/v1/brands')).body.items
    expect(brands).toContainEqual({ name: `Clay ${number}`, products: 1 })
    expect((await shop.call('GET', '/v1/categories')).body.items[0].products).toBeGreaterThan(0)
  })
})

test('a discontinued product leaves the shelf and stays readable', async () => {
  const { id, etag } = await create({ stock: 2 })
  expect((await shop.call('DELETE', `/v1/products/${id}`, admin)).status).toBe(204)
  expect((await shop.call('DELETE', `/v1/products/${id}`, admin)).status).toBe(204)
  const { body, headers } = await shop.call('GET', `/v1/products/${id}`)
  expect(body).toMatchObject({ discontinued: true, available: 2 })
  expect((await shop.call('GET', `/v1/products?q=MUG-${number}`)).body.items).toEqual([])
  expect(
    (await shop.call('PATCH', `/v1/products/${id}`, { ...admin, headers: { 'if-match': etag }, body: { name: 'x' } }))
      .status,
  ).toBe(412)
  const gone = await shop.call('PATCH', `/v1/products/${id}`, {
    ...admin,
    headers: { 'if-match': headers.get('etag') as string },
    body: { name: 'x' },
  })
  expect(gone.status).toBe(410)
})
