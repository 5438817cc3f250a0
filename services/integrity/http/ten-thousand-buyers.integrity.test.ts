import { expect, test } from 'vitest'
import { eventually } from '#pipelines/testing/eventually.ts'
import { aProduct, buy } from '../testing/customers.ts'
import { shopInProcess } from '../testing/shop.ts'

const BUYERS = 10_000
const UNITS = 1_000
const AT_ONCE = 32

test('10,000 buyers for 1,000 units: 1,000 are sold, 9,000 are refused cleanly, nobody is charged for nothing', async () => {
  const shop = await shopInProcess()
  const grace = setInterval(() => void shop.confirmGrace().catch(() => {}), 500)
  try {
    const product = await aProduct(shop, UNITS)
    const orders: string[] = []
    let next = 0
    const queue = async () => {
      while (next++ < BUYERS) orders.push((await buy(shop, product)).orderId)
    }
    await Promise.all(Array.from({ length: AT_ONCE }, queue))
    expect(new Set(orders).size).toBe(BUYERS)

    const counts = () =>
      shop.databases.ordering.query<{ status: string; reason: string | null; n: number }>(
        `select o.status, s.facts ->> 'reason' as reason, count(*)::int as n from orders o
         left join order_steps s on s.order_id = o.order_id and s.type = 'OrderStatusChangedToCancelled' group by 1, 2 order by 1`,
      )
    await eventually(async () => (await counts()).every(({ status }) => status === 'Paid' || status === 'Cancelled'), {
      withinMs: 1_800_000,
      everyMs: 1_000,
      what: 'every order has come to its end',
    })
    await shop.settled(600_000)
    expect(await counts()).toEqual([
      { status: 'Cancelled', reason: 'STOCK', n: BUYERS - UNITS },
      { status: 'Paid', reason: null, n: UNITS },
    ])
    const { body } = await shop.call('catalog', 'GET', `/v1/products/${product}`)
    expect(body).toMatchObject({ available: 0, reserved: 0, sold: UNITS })
    const [lowest] = await shop.databases.catalog.query('select min(available)::int as lowest from stock_movements')
    expect(lowest).toEqual({ lowest: 0 })
    const [charged] = await shop.databases.payment.query(
      'select count(*)::int as n from provider.charges where captured_at is not null',
    )
    expect(charged).toEqual({ n: UNITS })
  } finally {
    clearInterval(grace)
    await shop.close()
  }
})
