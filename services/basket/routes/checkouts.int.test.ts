import { describe, expect, it } from 'vitest'
import { newId } from '#pipelines/kernel/ids.ts'
import { product, productId } from '../testing/baskets.ts'
import { basketRig, CHECKOUT } from '../testing/rig.ts'

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

describe('a checkout', () => {
  it('is accepted with an order id, closes the basket and puts one event into the outbox', async () => {
    const rig = await basketRig()
    await rig.put(2, 3)
    const { basketId } = (await rig.put(1, 1)).body
    const answer = await rig.checkout('key-1', { headers: { 'x-channel': 'WEB' } })
    const { orderId } = answer.body
    expect(orderId).toMatch(UUID_V7)
    expect(answer).toMatchObject({
      status: 202,
      headers: { location: `/v1/basket/checkouts/${orderId}` },
      body: {
        status: 'Accepted',
        links: { self: `/v1/basket/checkouts/${orderId}`, order: `http://ordering.test/v1/orders/${orderId}` },
      },
    })
    expect(await rig.published()).toEqual([
      expect.objectContaining({
        type: 'UserCheckoutAccepted',
        orderId,
        customerId: 'alice',
        basketId,
        basketVersion: 2,
        totalMinor: 7_000,
        channel: 'WEB',
        paymentToken: 'tok_visa',
        address: { ...CHECKOUT.address, state: null },
        items: [
          expect.objectContaining({ lineNo: 1, quantity: 3 }),
          expect.objectContaining({ lineNo: 2, quantity: 1 }),
        ],
      }),
    ])
    expect((await rig.show()).body).toMatchObject({ basketId: null, items: [] })
  })

  it('comes through the API when nothing else is said', async () => {
    const rig = await basketRig()
    await rig.put(1, 1)
    await rig.checkout('k')
    expect(await rig.published()).toMatchObject([{ channel: 'API' }])
  })

  it('repeated under its key gets the first answer, also when a new basket was begun meanwhile', async () => {
    const rig = await basketRig()
    await rig.put(1, 1)
    const first = await rig.checkout('key-1')
    await rig.put(2, 1)
    const again = await rig.checkout('key-1', {
      body: { paymentToken: CHECKOUT.paymentToken, address: { ...CHECKOUT.address } },
    })
    expect(again).toMatchObject({ status: 202, body: first.body, headers: { location: first.headers.location } })
    expect(again.headers['idempotency-replayed']).toBe('true')
    expect(await rig.published()).toHaveLength(1)
    expect((await rig.show()).body).toMatchObject({ itemCount: 1 })
  })

  it('is remembered for good, as the order is', async () => {
    const rig = await basketRig()
    await rig.put(1, 1)
    await rig.checkout('key-1')
    expect(await rig.database.query('select expires_at from http_idempotency')).toEqual([{ expires_at: null }])
  })

  it('under a used key with another body is refused', async () => {
    const rig = await basketRig()
    await rig.put(1, 1)
    await rig.checkout('key-1')
    await rig.put(1, 1)
    const body = { ...CHECKOUT, paymentToken: 'tok_declined' }
    expect(await rig.checkout('key-1', { body })).toMatchObject({
      status: 422,
      body: { code: 'IDEMPOTENCY_KEY_REUSED' },
    })
    expect(await rig.published()).toHaveLength(1)
  })

  it("of somebody else has a key of somebody else's", async () => {
    const rig = await basketRig()
    await rig.put(1, 1)
    await rig.put(1, 1, { as: 'bob' })
    const [alice, bob] = [await rig.checkout('same'), await rig.checkout('same', { as: 'bob' })]
    expect([alice.status, bob.status]).toEqual([202, 202])
    expect(alice.body.orderId).not.toBe(bob.body.orderId)
  })

  it('sent many times at once makes one order, under one key or under many', async () => {
    const rig = await basketRig()
    await rig.put(1, 1)
    const same = await Promise.all(Array.from({ length: 8 }, () => rig.checkout('same')))
    const orders = new Set(same.filter(({ status }) => status === 202).map(({ body }) => body.orderId))
    expect(orders.size).toBe(1)
    expect(same.every(({ status }) => status === 202 || status === 409)).toBe(true)
    await rig.put(1, 1)
    const many = await Promise.all(Array.from({ length: 8 }, (_, i) => rig.checkout(`other-${i}`)))
    expect(many.filter(({ status }) => status === 202)).toHaveLength(1)
    expect(many.filter(({ status, body }) => status === 422 && body.code === 'BASKET_EMPTY')).toHaveLength(7)
    expect(await rig.published()).toHaveLength(2)
  })

  it('needs a key, as Idempotency-Key or as x-requestid', async () => {
    const rig = await basketRig()
    await rig.put(1, 1)
    const url = '/v1/basket/checkout'
    expect(await rig.call('POST', url, { body: CHECKOUT })).toMatchObject({
      status: 400,
      body: { code: 'IDEMPOTENCY_KEY_REQUIRED' },
    })
    const headers = { 'x-requestid': newId() }
    const first = await rig.call('POST', url, { body: CHECKOUT, headers })
    expect(first).toMatchObject({ status: 202 })
    expect(await rig.call('POST', url, { body: CHECKOUT, headers })).toMatchObject({ body: first.body })
  })

  it('of an empty basket is refused, and that answer stays under its key', async () => {
    const rig = await basketRig()
    const first = await rig.checkout('key-1')
    expect(first).toMatchObject({ status: 422, body: { code: 'BASKET_EMPTY', title: 'Unprocessable Entity' } })
    expect(first.headers['content-type']).toContain('application/problem+json')
    await rig.put(1, 1)
    expect(await rig.checkout('key-1')).toMatchObject({ status: 422, headers: { 'idempotency-replayed': 'true' } })
    expect(await rig.checkout('key-2')).toMatchObject({ status: 202 })
  })

  it('leaves nothing behind when the event cannot be kept', async () => {
    const rig = await basketRig()
    await rig.put(1, 1)
    await rig.database.query('alter table outbox rename to outbox_away')
    expect(await rig.checkout('key-1')).toMatchObject({ status: 500 })
    await rig.database.query('alter table outbox_away rename to outbox')
    expect(await rig.database.query('select 1 from checkouts union all select 1 from http_idempotency')).toEqual([])
    expect(await rig.checkout('key-1')).toMatchObject({ status: 202 })
    expect(await rig.published()).toHaveLength(1)
  })
})

describe('a price that changed since the customer was told', () => {
  it('is told by a refusal, and the same checkout under the same key then takes it', async () => {
    const rig = await basketRig()
    await rig.put(1, 2)
    await rig.put(2, 1)
    await rig.priceChanged(product(1, { priceVersion: 2, unitPriceMinor: 1_250 }))
    const refusal = await rig.checkout('key-1')
    expect(refusal).toMatchObject({
      status: 409,
      body: {
        code: 'PRICE_CHANGED',
        prices: [
          {
            productId: productId(1),
            quantity: 2,
            previousUnitPrice: { amount: '10.00', currency: 'EUR' },
            unitPrice: { amount: '12.50', currency: 'EUR' },
            priceVersion: 2,
          },
        ],
      },
    })
    expect(await rig.published()).toEqual([])
    expect(await rig.checkout('key-1')).toMatchObject({ status: 202 })
    expect(await rig.published()).toMatchObject([{ totalMinor: 4_500 }])
  })

  it('is no refusal when the customer has looked at the basket since', async () => {
    const rig = await basketRig()
    await rig.put(1, 1)
    await rig.priceChanged(product(1, { priceVersion: 2, unitPriceMinor: 1_250 }))
    await rig.show()
    expect(await rig.checkout('key-1')).toMatchObject({ status: 202 })
    expect(await rig.published()).toMatchObject([{ totalMinor: 1_250 }])
  })

  it('is no refusal when any edit has shown it', async () => {
    const rig = await basketRig()
    await rig.put(1, 1)
    await rig.priceChanged(product(1, { priceVersion: 2, unitPriceMinor: 1_250 }))
    await rig.put(2, 1)
    expect(await rig.checkout('key-1')).toMatchObject({ status: 202 })
  })
})

describe('what became of a checkout', () => {
  it('is known before ordering has seen it, and after', async () => {
    const rig = await basketRig()
    await rig.put(1, 3)
    const { orderId, links } = (await rig.checkout('k')).body
    expect(await rig.call('GET', links.self)).toMatchObject({
      status: 200,
      body: {
        orderId,
        status: 'Accepted',
        total: { amount: '30.00' },
        itemCount: 1,
        unitCount: 3,
        startedAt: null,
        links,
      },
    })
    for (const event of await rig.published()) await rig.started(event)
    expect((await rig.call('GET', links.self)).body).toMatchObject({ status: 'Started', startedAt: expect.any(String) })
  })

  it("is the customer's own business, and support's", async () => {
    const rig = await basketRig()
    await rig.put(1, 1)
    const { links } = (await rig.checkout('k')).body
    expect(await rig.call('GET', links.self, { as: 'bob' })).toMatchObject({ status: 404 })
    expect(await rig.call('GET', links.self, { as: 'carol', role: 'support' })).toMatchObject({ status: 200 })
    expect(await rig.call('GET', `/v1/basket/checkouts/${newId()}`)).toMatchObject({ status: 404 })
    expect(await rig.call('GET', '/v1/basket/checkouts/1')).toMatchObject({ status: 400 })
  })
})

describe('a checkout with bad input', () => {
  const { address } = CHECKOUT
  const BAD: readonly (readonly [string, number, unknown])[] = [
    ['no body', 400, ''],
    ['null', 400, null],
    ['a list', 400, [CHECKOUT]],
    ['no address', 400, { paymentToken: 'tok_visa' }],
    ['no token', 400, { address }],
    ['a null address', 400, { ...CHECKOUT, address: null }],
    ['a missing city', 400, { ...CHECKOUT, address: { ...address, city: undefined } }],
    ['an empty street', 400, { ...CHECKOUT, address: { ...address, street: '' } }],
    ['a blank street', 400, { ...CHECKOUT, address: { ...address, street: '   ' } }],
    ['a number for a zip code', 400, { ...CHECKOUT, address: { ...address, zipCode: 12345 } }],
    ['a null state', 400, { ...CHECKOUT, address: { ...address, state: null } }],
    ['an endless street', 400, { ...CHECKOUT, address: { ...address, street: 'x'.repeat(201) } }],
    ['a NUL', 400, { ...CHECKOUT, address: { ...address, city: 'a\u0000b' } }],
    ['half a surrogate pair', 400, { ...CHECKOUT, address: { ...address, city: 'a\ud800b' } }],
    ['an unknown property', 400, { ...CHECKOUT, total: '0.01' }],
    ['somebody else', 400, { ...CHECKOUT, customerId: 'bob' }],
    ['a null token', 400, { ...CHECKOUT, paymentToken: null }],
    ['a token of no form', 422, { ...CHECKOUT, paymentToken: 'visa' }],
    ['an empty token', 422, { ...CHECKOUT, paymentToken: 'tok_' }],
    ['a token with digits', 422, { ...CHECKOUT, paymentToken: 'tok_123' }],
    ['a token of 41 letters', 422, { ...CHECKOUT, paymentToken: `tok_${'a'.repeat(41)}` }],
    ['two lines in a token', 422, { ...CHECKOUT, paymentToken: 'tok_visa\n' }],
  ]

  it('is refused without an effect, and does not spend its key', async () => {
    const rig = await basketRig()
    await rig.put(1, 1)
    for (const [name, status, body] of BAD) expect.soft((await rig.checkout('key', { body })).status, name).toBe(status)
    const channel = { headers: { 'x-channel': 'PIGEON' } }
    expect(await rig.checkout('key', channel)).toMatchObject({ status: 400 })
    expect(await rig.published()).toEqual([])
    expect(await rig.checkout('key')).toMatchObject({ status: 202 })
  })

  it('that holds a card number is refused, and the number stands nowhere', async () => {
    const rig = await basketRig()
    await rig.put(1, 1)
    const card = '4111 1111 1111 1111'
    const cards = [
      { body: { ...CHECKOUT, paymentToken: card } },
      { body: { ...CHECKOUT, address: { ...address, street: card } } },
      { body: { ...CHECKOUT, cardNumber: 4111111111111111 } },
      { headers: { 'idempotency-key': '4111-1111-1111-1111' } },
    ]
    for (const options of cards) {
      const answer = await rig.checkout('key', options)
      expect(answer).toMatchObject({ status: 400, body: { code: 'CARD_DATA_NOT_ACCEPTED' } })
      expect(answer.text).not.toContain('1111')
    }
    expect(await rig.published()).toEqual([])
  })

  it('with a proper token never shows it again', async () => {
    const rig = await basketRig()
    await rig.put(1, 1)
    const answer = await rig.checkout('key')
    expect(answer.text + (await rig.call('GET', answer.body.links.self)).text).not.toContain('tok_')
    expect(JSON.stringify(await rig.database.query('select * from http_idempotency'))).not.toContain('tok_')
  })
})
