import { describe, expect, it } from 'vitest'
import { product, productId } from '../testing/baskets.ts'
import { basketRig } from '../testing/rig.ts'

const EMPTY = { basketId: null, version: 0, currency: null, items: [], itemCount: 0, unitCount: 0, total: null }

describe('a basket', () => {
  it('that nobody has filled is empty, and looking at it makes none', async () => {
    const rig = await basketRig()
    expect(await rig.show()).toMatchObject({ status: 200, body: EMPTY })
    expect(await rig.database.query('select 1 from baskets')).toEqual([])
  })

  it("shows its lines and totals at the catalog's prices and names", async () => {
    const rig = await basketRig()
    await rig.put(2, 3)
    const { status, body } = await rig.put(1, 2)
    expect(status).toBe(200)
    expect(body).toMatchObject({
      version: 2,
      currency: 'EUR',
      itemCount: 2,
      unitCount: 5,
      items: [
        { productId: productId(2), sku: 'SKU-2', name: 'Product 2', quantity: 3, unitPrice: { amount: '20.00' } },
        { productId: productId(1), brand: 'Acme', lineTotal: { amount: '20.00', currency: 'EUR' }, priceVersion: 1 },
      ],
      subtotal: { amount: '80.00', currency: 'EUR' },
      total: { amount: '80.00', currency: 'EUR' },
    })
    expect((await rig.show()).body).toEqual({ ...body, expiresAt: expect.any(String) })
  })

  it('counts in the digits of its currency', async () => {
    const rig = await basketRig()
    rig.catalog.add(product(9, { currency: 'JPY', unitPriceMinor: 500 }))
    expect((await rig.put(9, 3)).body).toMatchObject({ total: { amount: '1500', currency: 'JPY' } })
    expect(await rig.put(1, 1)).toMatchObject({ status: 409, body: { code: 'CURRENCY_DIFFERS' } })
  })

  it("is the caller's own, whatever others do", async () => {
    const rig = await basketRig()
    await rig.put(1, 1)
    await rig.put(2, 5, { as: 'bob' })
    await rig.call('DELETE', '/v1/basket', { as: 'bob' })
    expect((await rig.show('bob')).body).toMatchObject(EMPTY)
    expect((await rig.show()).body).toMatchObject({ unitCount: 1 })
  })

  it('loses a line, and then itself, when told', async () => {
    const rig = await basketRig()
    await rig.put(1, 1)
    await rig.put(2, 1)
    expect((await rig.call('DELETE', `/v1/basket/items/${productId(1)}`)).body).toMatchObject({
      version: 3,
      itemCount: 1,
    })
    expect((await rig.call('DELETE', `/v1/basket/items/${productId(1)}`)).body).toMatchObject({
      version: 3,
      itemCount: 1,
    })
    expect(await rig.call('DELETE', '/v1/basket')).toMatchObject({ status: 204, text: '' })
    expect((await rig.show()).body).toMatchObject(EMPTY)
    expect(await rig.call('DELETE', '/v1/basket')).toMatchObject({ status: 204 })
  })

  it('keeps every one of many edits at once', async () => {
    const rig = await basketRig()
    await Promise.all([1, 2, 3, 4, 5].map((n) => rig.put(n, n)))
    expect((await rig.show()).body).toMatchObject({ version: 5, itemCount: 5, unitCount: 15 })
  })

  it('whose time is over is as none, and is filled anew', async () => {
    const rig = await basketRig()
    await rig.put(1, 1)
    await rig.database.query("update baskets set expires_at = now() - interval '1 second'")
    expect((await rig.show()).body).toMatchObject(EMPTY)
    expect(await rig.checkout('k')).toMatchObject({ status: 422, body: { code: 'BASKET_EMPTY' } })
    expect((await rig.put(2, 1)).body).toMatchObject({ items: [{ productId: productId(2) }] })
  })

  it('is for customers', async () => {
    const rig = await basketRig()
    expect(await rig.call('GET', '/v1/basket', { role: 'warehouse' })).toMatchObject({ status: 403 })
  })
})

describe('a product that is put in', () => {
  it('must be known to the catalog and still sold', async () => {
    const rig = await basketRig()
    expect(await rig.put(77, 1)).toMatchObject({ status: 404, body: { code: 'PRODUCT_UNKNOWN' } })
    rig.catalog.discontinue(productId(1))
    expect(await rig.put(1, 1)).toMatchObject({ status: 422, body: { code: 'PRODUCT_DISCONTINUED' } })
    expect((await rig.show()).body).toMatchObject(EMPTY)
  })

  it('is refused for now while the catalog is away, and the basket stays as it was', async () => {
    const rig = await basketRig()
    await rig.put(1, 1)
    rig.catalog.goAway()
    const answer = await rig.put(2, 1)
    expect(answer).toMatchObject({ status: 503, body: { code: 'CATALOG_AWAY' } })
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0)
    expect((await rig.show()).body).toMatchObject({ itemCount: 1 })
  })

  it('never takes a price from the client', async () => {
    const rig = await basketRig()
    for (const body of [
      { quantity: 1, unitPrice: '0.01' },
      { quantity: 1, price: { amount: '0.01', currency: 'EUR' } },
    ]) {
      expect(await rig.call('PUT', `/v1/basket/items/${productId(1)}`, { body })).toMatchObject({ status: 400 })
    }
  })

  const BAD_BODIES: readonly (readonly [string, unknown])[] = [
    ['zero units', { quantity: 0 }],
    ['less than none', { quantity: -1 }],
    ['a thousand million', { quantity: 1e9 }],
    ['beyond a whole number', { quantity: 1e300 }],
    ['a half', { quantity: 1.5 }],
    ['null', { quantity: null }],
    ['text', { quantity: '1' }],
    ['a truth', { quantity: true }],
    ['a list', { quantity: [1] }],
    ['nothing', {}],
    ['an unknown property', { quantity: 1, customerId: 'bob' }],
    ['no object', [1]],
    ['a bare null', null],
    ['broken JSON', '{"quantity": '],
    ['a poisoned prototype', '{"quantity": 1, "__proto__": {"quantity": 2}}'],
    ['no body', undefined],
  ]

  it('with a body that is not exactly a quantity is refused and changes nothing', async () => {
    const rig = await basketRig()
    await rig.put(1, 7)
    for (const [name, body] of BAD_BODIES) {
      const answer = await rig.call('PUT', `/v1/basket/items/${productId(1)}`, { body })
      expect.soft(answer, name).toMatchObject({ status: 400, body: { type: expect.any(String), status: 400 } })
      expect.soft(answer.headers['content-type'], name).toContain('application/problem+json')
    }
    expect((await rig.show()).body).toMatchObject({ version: 1, unitCount: 7 })
  })

  it('whose id is none is refused', async () => {
    const rig = await basketRig()
    for (const id of ['1', 'null', `${productId(1)}x`, '%00']) {
      expect((await rig.call('PUT', `/v1/basket/items/${id}`, { body: { quantity: 1 } })).status).toBe(400)
    }
  })

  it('may be written in capitals, and is the same', async () => {
    const rig = await basketRig()
    await rig.put(1, 1)
    const id = productId(1).toUpperCase()
    expect((await rig.call('PUT', `/v1/basket/items/${id}`, { body: { quantity: 2 } })).body).toMatchObject({
      itemCount: 1,
    })
  })

  it('needs room: so many lines, so many units', async () => {
    const rig = await basketRig({ limits: { maxLines: 1, maxQuantity: 10 } })
    await rig.put(1, 10)
    expect(await rig.put(1, 11)).toMatchObject({ status: 400 })
    expect(await rig.put(2, 1)).toMatchObject({ status: 422, body: { code: 'TOO_MANY_LINES' } })
  })
})

describe('a price', () => {
  it('comes as the newest version, by event or by asking, whichever is first', async () => {
    const rig = await basketRig()
    await rig.put(1, 1)
    const newest = product(1, { priceVersion: 3, unitPriceMinor: 3_000 })
    expect(await rig.priceChanged(newest)).toEqual({ outcome: 'done' })
    const overtaken = product(1, { priceVersion: 2, unitPriceMinor: 2_000 })
    expect(await rig.priceChanged(overtaken)).toMatchObject({ outcome: 'ignored' })
    expect(await rig.priceChanged(newest)).toMatchObject({ outcome: 'ignored' })
    await rig.put(2, 1)
    await rig.put(1, 2) // the catalog's answer is version 1: late, and not taken
    expect((await rig.show()).body).toMatchObject({ items: [{ priceVersion: 3, unitPrice: { amount: '30.00' } }, {}] })
  })

  it('brings the name it was answered with, which an old event does not take back', async () => {
    const rig = await basketRig()
    await rig.priceChanged(product(1))
    rig.catalog.add(product(1, { name: 'Renamed' }))
    await rig.put(1, 1)
    expect(await rig.priceChanged(product(1))).toMatchObject({ outcome: 'ignored' })
    expect((await rig.show()).body.items).toMatchObject([{ name: 'Renamed' }])
  })

  it('that changed is shown beside the one before, once', async () => {
    const rig = await basketRig()
    await rig.put(1, 1)
    await rig.priceChanged(product(1, { priceVersion: 2, unitPriceMinor: 900 }))
    expect((await rig.show()).body.items[0]).toMatchObject({
      unitPrice: { amount: '9.00' },
      previousUnitPrice: { amount: '10.00', currency: 'EUR' },
    })
    const again = (await rig.show()).body
    expect(again.items[0].previousUnitPrice).toBeUndefined()
    expect(again.version).toBe(1)
  })

  it('that is none is dead-lettered', async () => {
    const rig = await basketRig()
    expect(await rig.priceChanged(product(1, { unitPriceMinor: -1 }))).toMatchObject({ outcome: 'dead-letter' })
  })
})
