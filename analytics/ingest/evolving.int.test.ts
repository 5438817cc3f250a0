import avro from 'avsc'
import { Kafka, logLevel, Partitioners } from 'kafkajs'
import { afterEach, expect, inject, it } from 'vitest'
import { closer, pause } from '#pipelines/kernel/lifecycle.ts'
import { eventually } from '#pipelines/testing/eventually.ts'
import { randomName } from '#pipelines/testing/names.ts'
import { HEADER_BYTES, writeHeader } from '#schemas/codec/frame.ts'
import { httpRegistry } from '#schemas/codec/http-registry.ts'
import { eventSchemas } from '#schemas/generated/events.ts'
import { orderEvents } from '../testing/events.ts'
import { exactlyOnce } from '../testing/exactly-once.ts'
import { type Harness, harness } from '../testing/harness.ts'
import { instances } from './kills/instances.ts'
import { NEXT_COLUMN, NEXT_FIELD, NEXT_TYPE, withNextField } from './kills/next-version.ts'

const open = closer()
afterEach(() => open.close())

/** A producer of tomorrow: events with the new field, each with a value of its own. */
async function producerOfTomorrow(shop: Harness) {
  const schema = withNextField(eventSchemas[NEXT_TYPE].schema)
  const { id } = await httpRegistry({ registryUrl: inject('registryUrl') }).register(randomName('version'), schema)
  const type = avro.Type.forSchema(JSON.parse(schema))
  const kafka = new Kafka({ brokers: [...shop.brokers], logLevel: logLevel.NOTHING })
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner })
  await producer.connect()
  const sent: string[] = []
  let on = true
  const sending = (async () => {
    for (; on; await pause(20)) {
      const messages = [0, 1].map((partition) => {
        const gift = `gift ${sent.length}`
        sent.push(gift)
        const event = orderEvents('Shipped').find((one) => one.type === NEXT_TYPE)
        const body = type.toBuffer({ ...event, [NEXT_FIELD.name]: gift })
        const value = Buffer.alloc(HEADER_BYTES + body.length)
        writeHeader(value, id)
        body.copy(value, HEADER_BYTES)
        return { partition, value, headers: { ce_type: NEXT_TYPE } }
      })
      await producer.send({ topic: shop.topics['shipped-orders'], messages })
    }
  })()
  return {
    sent,
    async close() {
      on = false
      await sending
      await producer.disconnect()
    },
  }
}

it('fills a new column from the version on that knows it, while the one that does not goes on beside it, and loses nothing', async () => {
  const shop = open.add(await harness())
  const { store } = shop.databases
  const today = open.add(instances(shop, shop.clickhouseUrl))
  const tomorrow = open.add(instances(shop, shop.clickhouseUrl, { version: 'tomorrow' }))
  const producer = open.add(await producerOfTomorrow(shop))
  const groupId = randomName('group')
  const kept = async () => {
    const [row] = await shop.rows<{ rows: number }>(
      `SELECT count() AS rows FROM ${store}.events WHERE unknown_fields != ''`,
    )
    return row?.rows ?? 0
  }
  const filled = async () => {
    const [row] = await shop.rows<{ rows: number }>(
      `SELECT count() AS rows FROM ${store}.events WHERE ${NEXT_COLUMN.name} IS NOT NULL`,
    )
    return row?.rows ?? 0
  }
  const grows = async (count: () => Promise<number>, what: string) => {
    const so = await count()
    await eventually(async () => (await count()) > so + 20, { withinMs: 60_000, progress: count, what })
  }

  // 1. Before the migration: what is new is kept beside.
  const old = await today.start({ groupId })
  await grows(kept, 'the new field is kept')
  // 2. The migration, while records come: the process of before knows nothing of the column, and goes on.
  await shop.db.command({ query: `ALTER TABLE ${store}.events ADD COLUMN ${NEXT_COLUMN.name} ${NEXT_COLUMN.type}` })
  await grows(kept, 'the old one goes on')
  expect(await filled()).toBe(0)
  // 3. Both, each with a partition of the topic.
  const next = await tomorrow.start({ groupId })
  await grows(filled, 'the new one fills the column')
  await grows(kept, 'the old one goes on beside it')
  // 4. The new one alone.
  old.signal('SIGTERM')
  await old.exited
  await grows(filled, 'the new one goes on')
  await producer.close()
  await exactlyOnce(shop)
  const rows = await shop.rows<{ gift: string; told: number }>(
    `SELECT coalesce(${NEXT_COLUMN.name}, JSONExtractString(unknown_fields, '${NEXT_FIELD.name}')) AS gift,
            (${NEXT_COLUMN.name} IS NOT NULL) + (unknown_fields != '') AS told
     FROM ${store}.events FINAL WHERE type = '${NEXT_TYPE}'`,
  )
  expect(rows.filter(({ told }) => told !== 1)).toEqual([])
  expect(rows.map(({ gift }) => gift).toSorted()).toEqual(producer.sent.toSorted())
  expect([old.output(), next.output()].join('')).not.toMatch(/flush failed/)
  expect(next.over).toBe(false)
}, 300_000)
