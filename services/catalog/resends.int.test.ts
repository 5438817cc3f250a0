import { expect, onTestFinished, test } from 'vitest'
import { newId } from '#pipelines/kernel/ids.ts'
import { eventually } from '#pipelines/testing/eventually.ts'
import { startTestService } from '#pipelines/testing/service.ts'
import { createCatalog } from './app.ts'
import { unexplained } from './testing/books.ts'
import { orderCancelled, orderPaid, stockAsked } from './testing/events.ts'

async function catalogThatResendsAfter(reservationResendMs: number) {
  const shop = await startTestService((outside, http) => createCatalog(outside, http, { reservationResendMs }))
  onTestFinished(async () => {
    expect(await unexplained(shop.database)).toEqual([])
    await shop.close()
  })
  const price = { amount: '1', currency: 'EUR' }
  const body = { sku: 'S', name: 'n', brand: 'b', category: 'c', price, stock: 5 }
  const { id } = (await shop.call('POST', '/v1/products', { as: 'catalog-admin', body })).body
  const stock = async () => {
    const { available, reserved, sold } = (await shop.call('GET', `/v1/products/${id}`)).body
    return { available, reserved, sold }
  }
  const told = async (orderId: string) =>
    (await shop.published('order-stock-statuses')).filter((event) => 'orderId' in event && event.orderId === orderId)
  return { ...shop, id, stock, told, lines: [{ productId: id, quantity: 2 }] }
}

test('a reservation that is held too long is told again, the same each time, until ordering says what became of the order', async () => {
  const shop = await catalogThatResendsAfter(60)
  const [orderId, cancelled] = [newId(), newId()]
  await shop.deliver(stockAsked(orderId, shop.lines), stockAsked(cancelled, shop.lines))
  await eventually(async () => (await shop.told(orderId)).length >= 3)
  const [first, ...again] = await shop.told(orderId)
  for (const one of again) expect({ ...one, eventId: '' }).toEqual({ ...first, eventId: '' })
  expect(new Set([first, ...again].map((one) => one?.eventId)).size).toBe(again.length + 1)
  expect(await shop.stock()).toEqual({ available: 1, reserved: 4, sold: 0 }) // telling moves nothing

  await shop.deliver(orderPaid(orderId), orderCancelled(cancelled))
  await eventually(async () => (await shop.stock()).reserved === 0)
  expect(await shop.stock()).toEqual({ available: 3, reserved: 0, sold: 2 })
  const settled = (await shop.told(orderId)).length
  const other = newId()
  await shop.deliver(stockAsked(other, [{ productId: shop.id, quantity: 1 }]))
  await eventually(async () => (await shop.told(other)).length >= 3) // the loop has come round
  expect(await shop.told(orderId)).toHaveLength(settled)
  const { body } = await shop.call('GET', '/metrics')
  expect(Number(/^catalog_answers_resent_total (\d+)/m.exec(body)?.[1])).toBeGreaterThan(3)
})

test('a reservation is not told again before its time, nor one that was refused', async () => {
  const shop = await catalogThatResendsAfter(200)
  const [patient, refused] = [newId(), newId()]
  await shop.deliver(stockAsked(refused, [{ productId: shop.id, quantity: 50 }]), stockAsked(patient, shop.lines))
  await eventually(async () => (await shop.told(patient)).length === 2)
  const [row] = await shop.database.query<{ early: boolean }>(
    "select resent_at < created_at + interval '200 milliseconds' as early from reservations where order_id = $1",
    [patient],
  )
  expect(row?.early).toBe(false)
  expect(await shop.told(refused)).toHaveLength(1)
})
