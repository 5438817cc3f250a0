import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
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

it('keeps the id out of what ClickHouse remembers of its mutations, in its table and on the disk', async () => {
  shop = await harness()
  const { store } = shop.databases
  const gone = `gone-${newId()}`
  await shop.startIngest()
  await shop.publish(...orderEvents('Shipped', { customerId: gone }))
  await shop.publishBytes('orders', 0, Buffer.from(`broken record of ${gone}`))
  await shop.publishBytes('orders', 0, Buffer.from('broken'), { 'x-customer': gone })
  await exactlyOnce(shop)
  expect(await eraseCustomer(shop.db, shop.databases, gone)).toMatchObject({ orders: 1, deadLetters: 2 })
  const done = await shop.rows<{ command: string }>(`SELECT command FROM system.mutations WHERE database = '${store}'`)
  expect(done.filter(({ command }) => command.includes('UPDATE')).length).toBeGreaterThan(2)
  expect(JSON.stringify(done)).not.toContain(gone)
  const tables = await shop.rows<{ paths: string[] }>(
    `SELECT data_paths AS paths FROM system.tables WHERE database = '${store}' AND notEmpty(data_paths)`,
  )
  const files = (await Promise.all(tables.flatMap(({ paths }) => paths.map(mutationFiles)))).flat()
  expect(files.join('\n')).toContain('UPDATE')
  expect(files.join('\n')).not.toContain(gone)
  // And out of its logs, where it keeps any.
  const logs = await shop.rows<{ name: string }>(
    `SELECT name FROM system.tables WHERE database = 'system' AND name LIKE '%_log'`,
  )
  for (const { name } of logs)
    expect(await shop.rows(`SELECT * FROM system.${name}`).then(JSON.stringify), name).not.toContain(gone)
})

/** What ClickHouse wrote down of the mutations of a table. */
async function mutationFiles(folder: string): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => /^mutation_\d+\.txt$/.test(name))
  return await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')))
}
