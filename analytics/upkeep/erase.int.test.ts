import { afterEach, expect, it } from 'vitest'
import { newId } from '#pipelines/kernel/ids.ts'
import { openStore, type StoreAddress } from '../store.ts'
import { orderEvents } from '../testing/events.ts'
import { exactlyOnce } from '../testing/exactly-once.ts'
import { type Harness, harness } from '../testing/harness.ts'
import { eraseAgain, eraseCustomer } from './erase.ts'

let shop: Harness
afterEach(() => shop?.close())

it('erases what names a customer, keeps the sums, and erases again what comes late', async () => {
  shop = await harness()
  const { published, store } = shop.databases
  const [gone, stays] = [`gone-${newId()}'`, `stays-${newId()}`]
  const orderId = newId()
  const [checkout, ...later] = orderEvents('Shipped', { orderId, customerId: gone })
  await shop.startIngest()
  await shop.publish(
    ...(checkout ? [checkout] : []),
    ...later.slice(0, 6),
    ...orderEvents('Shipped', { customerId: stays }),
  )
  await shop.publishBytes('orders', 0, Buffer.from(`broken record of ${gone}`))
  await exactlyOnce(shop)
  const sums = () => shop.rows(`SELECT count() AS orders, sum(total_minor) AS total FROM ${published}.orders`)
  const before = await sums()

  await expect(eraseCustomer(shop.db, shop.databases, '')).rejects.toMatchObject({ code: 'CUSTOMER_EMPTY' })
  expect(await eraseCustomer(shop.db, shop.databases, gone)).toMatchObject({ orders: 1, deadLetters: 1 })
  const everything = async () =>
    JSON.stringify([
      await shop.rows(`SELECT * FROM ${store}.events`),
      await shop.rows(`SELECT * FROM ${store}.orders`),
      await shop.rows(`SELECT * FROM ${store}.dead_letters`),
      await shop.rows(`SELECT * FROM ${store}.erasures`),
    ])
  expect(await everything()).not.toContain(gone)
  expect(await everything()).toContain(stays)
  expect(await sums()).toEqual(before)

  await shop.publish(...later.slice(6))
  await exactlyOnce(shop)
  expect(await everything()).toContain(gone)
  // As the service does it, with the rights it has.
  const service = openStore({
    clickhouseUrl: shop.clickhouseUrl,
    clickhouseUser: 'ingest',
    clickhousePassword: '',
  } as StoreAddress)
  expect(await eraseAgain(service, shop.databases)).toMatchObject({ orders: 1 })
  await service.close()
  expect(await everything()).not.toContain(gone)
  expect(await shop.rows(`SELECT status FROM ${published}.orders WHERE order_id = '${orderId}'`)).toEqual([
    { status: 'Shipped' },
  ])
  expect(await eraseAgain(shop.db, shop.databases)).toEqual({ orders: 0, events: 0 })
})
