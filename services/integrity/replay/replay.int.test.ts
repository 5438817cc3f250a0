import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ChargeRequest } from '#services/payment/provider/provider.ts'
import { contentsOf } from '../testing/contents.ts'
import { aProduct, buy, reached, statusOf } from '../testing/customers.ts'
import { SERVICES, type ShopInProcess, shopInProcess } from '../testing/shop.ts'

let shop: ShopInProcess
/** Charges under this token are held until a test lets them go: a customer cancels meanwhile. */
const gate = Promise.withResolvers<void>()
const held: ChargeRequest[] = []
const SLOW = 'tok_slow'

beforeAll(async () => {
  shop = await shopInProcess({
    provider: (simulated) => ({
      ...simulated,
      async charge(request, signal) {
        if (request.paymentToken !== SLOW) return simulated.charge(request, signal)
        held.push(request)
        await gate.promise
        return simulated.charge({ ...request, paymentToken: 'tok_visa' }, signal)
      },
    }),
  })
})
afterAll(() => shop?.close())

const cancel = (orderId: string, customer: string) =>
  shop.call('ordering', 'POST', `/v1/orders/${orderId}/cancel`, { sub: customer })

/** Every story an order can have. */
async function everyStory(): Promise<Record<string, string>> {
  const [plenty, scarce] = [await aProduct(shop, 100), await aProduct(shop, 1)]
  const early = await buy(shop, plenty)
  await reached(shop, early.orderId, 'Submitted')
  expect((await cancel(early.orderId, early.customer)).status).toBe(200)

  const paid = await buy(shop, plenty, { quantity: 3 })
  const shipped = await buy(shop, plenty)
  const troubled = await buy(shop, plenty, { token: 'tok_error' })
  const silent = await buy(shop, plenty, { token: 'tok_once' })
  const declined = await buy(shop, plenty, { token: 'tok_declined' })
  const rejected = await buy(shop, scarce, { quantity: 2 })
  const refunded = await buy(shop, plenty, { token: SLOW })
  const all = [paid, shipped, troubled, silent, declined, rejected, refunded]
  for (const { orderId } of all) await reached(shop, orderId, 'Submitted')
  await shop.confirmGrace()
  await reached(shop, refunded.orderId, 'StockConfirmed')
  await expect.poll(() => held.length, { timeout: 10_000 }).toBe(1)
  expect((await cancel(refunded.orderId, refunded.customer)).status).toBe(200)
  await expect
    .poll(
      async () =>
        (
          await shop.databases.payment.query('select cancel_version from payments where order_id = $1', [
            refunded.orderId,
          ])
        )[0],
    )
    .toMatchObject({ cancel_version: 5 })
  gate.resolve()
  await reached(shop, shipped.orderId, 'Paid')
  const ship = { as: 'warehouse', sub: 'wim', body: { carrier: 'DHL' } } as const
  expect((await shop.call('ordering', 'POST', `/v1/orders/${shipped.orderId}/ship`, ship)).status).toBe(200)
  const price = await shop.call('catalog', 'GET', `/v1/products/${plenty}`)
  const put = await shop.call('catalog', 'PUT', `/v1/products/${plenty}/price`, {
    as: 'catalog-admin',
    sub: 'carl',
    headers: { 'if-match': price.headers.get('etag') ?? '*' },
    body: { price: { amount: '13.00', currency: 'EUR' } },
  })
  expect(put.status, JSON.stringify(put.body)).toBeLessThan(300)
  await shop.settled()
  return Object.fromEntries(
    Object.entries({ early, paid, shipped, troubled, silent, declined, rejected, refunded }).map(
      ([name, { orderId }]) => [name, orderId],
    ),
  )
}

async function everything() {
  const contents: Record<string, unknown> = {}
  for (const name of SERVICES) contents[name] = await contentsOf(shop.databases[name])
  return contents
}

test('everything read again from offset 0 with empty inboxes leaves every database as it was', async () => {
  const orders = await everyStory()
  const statuses: Record<string, string | undefined> = {}
  for (const [name, orderId] of Object.entries(orders)) statuses[name] = await statusOf(shop, orderId)
  expect(statuses).toEqual({
    early: 'Cancelled',
    paid: 'Paid',
    shipped: 'Shipped',
    troubled: 'Paid',
    silent: 'Paid',
    declined: 'Cancelled',
    rejected: 'Cancelled',
    refunded: 'Cancelled',
  })
  const payments = await shop.databases.payment.query(
    'select status, count(*)::int as n from payments group by 1 order by 1',
  )
  expect(payments).toMatchObject([
    { status: 'CANCELLED', n: 2 },
    { status: 'FAILED', n: 1 },
    { status: 'REFUNDED', n: 1 },
    { status: 'SUCCEEDED', n: 4 },
  ])

  const before = await everything()
  for (let time = 1; time <= 2; time++) {
    await shop.stop()
    await shop.rewind()
    await shop.start()
    await shop.settled()
    expect(await everything()).toEqual(before)
  }
  const handled = await shop.databases.ordering.query<{ n: number }>('select count(*)::int as n from inbox')
  expect(handled[0]?.n).toBeGreaterThan(30) // it has read it all again
})
