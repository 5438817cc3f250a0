import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Kafka, logLevel, Partitioners } from 'kafkajs'
import { afterEach, expect, inject, it } from 'vitest'
import { keyOf, topicOf } from '#pipelines/flow/bindings.ts'
import { SECOND } from '#pipelines/kernel/clock.ts'
import { type Closable, closer, pause } from '#pipelines/kernel/lifecycle.ts'
import { createCodec } from '#schemas/codec/codec.ts'
import { eventTypes } from '#schemas/generated/events.ts'
import { startServerProcess } from '../server/testing/process.ts'
import { item, orderEvents } from '../testing/events.ts'
import { exactlyOnce } from '../testing/exactly-once.ts'
import { type Harness, harness } from '../testing/harness.ts'
import { instances } from './kills/instances.ts'

/** `AWAY_S=120` for the two minutes of the issue. */
const AWAY_MS = (Number(process.env.AWAY_S) || 40) * SECOND
/** What comes in, in bytes of records a second: a multiple of what the ingest may hold, within seconds. */
const RATE = 6_000_000
const EVERY_MS = 250
/** What an instance of the suite may hold as records (`kills/instance.ts`): as much as it writes, and as much again. */
const MAY_HOLD = 2 * 8 * 1024 * 1024

const open = closer()
afterEach(() => open.close())

/** Sends the events of large orders, the same again and again, at a steady rate. */
async function liveRate(shop: Harness): Promise<Closable & { sent(): number }> {
  const kafka = new Kafka({ brokers: [...shop.brokers], logLevel: logLevel.NOTHING })
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner })
  await producer.connect()
  const codec = createCodec({ registryUrl: inject('registryUrl') })
  await codec.prepare(eventTypes)
  const items = Array.from({ length: 250 }, (_, i) =>
    item({ lineNo: i + 1, sku: `SKU-${i}`, name: `A thing of many, the ${i}th` }),
  )
  const pool = Array.from({ length: 50 }, () => orderEvents('Shipped', { items })).flatMap((events) =>
    events.map((event) => ({ topic: shop.topics[topicOf(event.type)], key: keyOf(event), value: codec.encode(event) })),
  )
  let [bytes, at, on] = [0, 0, true]
  const began = performance.now()
  const sending = (async () => {
    for (; on; await pause(EVERY_MS)) {
      const due = ((performance.now() - began) / SECOND) * RATE
      const messages: (typeof pool)[number][] = []
      while (bytes < due) {
        const one = pool[at++ % pool.length] as (typeof pool)[number]
        messages.push(one)
        bytes += one.value.length
      }
      const byTopic = Map.groupBy(messages, ({ topic }) => topic)
      await producer.sendBatch({
        topicMessages: [...byTopic].map(([topic, list]) => ({
          topic,
          messages: list.map(({ key, value }) => ({ key, value })),
        })),
      })
    }
  })()
  return {
    sent: () => bytes,
    async close() {
      on = false
      await sending
      await producer.disconnect()
    },
  }
}

/** Resident memory of a process, and all it has read so far, sockets included. Bytes. */
async function looked(pid: number): Promise<{ resident: number; read: number }> {
  const [status, io] = await Promise.all([readFile(`/proc/${pid}/status`, 'utf8'), readFile(`/proc/${pid}/io`, 'utf8')])
  return {
    resident: Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024,
    read: Number(/rchar: (\d+)/.exec(io)?.[1]),
  }
}

it(`holds no more while ClickHouse is away for ${AWAY_MS / SECOND} s than it may, stops fetching, and then has every record once`, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'eshop-outage-'))
  open.add({ close: () => rm(folder, { recursive: true, force: true, maxRetries: 5 }) })
  let server = await startServerProcess(folder)
  open.add({ close: () => server.stop() })
  const shop = open.add(await harness({ clickhouseUrl: server.url }))
  const ingest = await open.add(instances(shop, server.url)).start()
  const rate = await liveRate(shop)
  open.add({ close: () => rate.close().catch(() => {}) })
  await pause(10 * SECOND) // it has its memory by now

  await server.kill()
  const before = { ...(await looked(ingest.pid)), sent: rate.sent() }
  let peak = before.resident
  let half = before
  for (const until = performance.now() + AWAY_MS; performance.now() < until; await pause(SECOND)) {
    const now = await looked(ingest.pid)
    peak = Math.max(peak, now.resident)
    if (half === before && performance.now() > until - AWAY_MS / 2) half = { ...now, sent: rate.sent() }
  }
  const after = { ...(await looked(ingest.pid)), sent: rate.sent() }
  server = await startServerProcess(folder, {}, Number(new URL(server.url).port))
  await rate.close()
  await exactlyOnce(shop, { withinMs: 120_000 })

  const mb = (bytes: number) => Math.round(bytes / 1e6)
  const missed = after.sent - before.sent
  process.stdout.write(
    `away ${AWAY_MS / SECOND} s: ${mb(missed)} MB came; resident ${mb(before.resident)} MB before, ${mb(peak)} MB at most; read in the second half ${mb(after.read - half.read)} of ${mb(after.sent - half.sent)} MB\n`,
  )
  expect(ingest.over).toBe(false)
  expect(missed).toBeGreaterThan(8 * MAY_HOLD)
  expect(peak - before.resident).toBeLessThan(4 * MAY_HOLD)
  expect(after.read - half.read).toBeLessThan((after.sent - half.sent) / 20)
})
