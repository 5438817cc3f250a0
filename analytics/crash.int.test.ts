import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, inject, it } from 'vitest'
import { type Closable, pause } from '#pipelines/kernel/lifecycle.ts'
import { eventually } from '#pipelines/testing/eventually.ts'
import { startProcess, type TestProcess } from '#pipelines/testing/process.ts'
import { type ServerProcess, startServerProcess } from './server/testing/process.ts'
import { orderEvents } from './testing/events.ts'
import { exactlyOnce } from './testing/exactly-once.ts'
import { type Harness, harness } from './testing/harness.ts'

let folder: string
let server: ServerProcess
let shop: Harness
let analytics: TestProcess | undefined
let publisher: Closable | undefined

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eshop-crash-'))
  server = await startServerProcess(folder)
})
afterEach(async () => {
  await publisher?.close()
  await analytics?.close()
  await shop?.close()
})
afterAll(async () => {
  await server.stop()
  await rm(folder, { recursive: true, force: true })
})

/** The service as it runs in a shop, on this test's topics and database. */
function start(): TestProcess {
  return startProcess(['analytics/main.ts'], {
    env: {
      PORT: '0',
      KAFKA_BROKERS: shop.brokers.join(','),
      KAFKA_TOPICS: Object.values(shop.topics).join(','),
      KAFKA_GROUP: shop.group,
      CLICKHOUSE_URL: server.url,
      CLICKHOUSE_DATABASE: shop.databases.published,
      REGISTRY_URL: inject('registryUrl'),
      ISSUER: 'http://issuer.test',
      AUDIENCE: 'eshop',
      FLUSH_MS: '20',
    },
  })
}

/** Orders all the while, until it is closed. */
function publishing(): Closable {
  let on = true
  const work = (async () => {
    while (on) {
      await shop.publish(...orderEvents('Shipped'), ...orderEvents('Refunded'), ...orderEvents('StockRejected'))
      await pause(25)
    }
  })()
  return {
    async close() {
      on = false
      await work
    },
  }
}

const stored = async () => {
  const [row] = await shop
    .rows<{ rows: number }>(`SELECT count() AS rows FROM ${shop.databases.store}.events`)
    .catch(() => [])
  return row?.rows ?? 0
}

/** Waits for more rows than before. Long, as this may run on a machine that does much else. */
async function progress(before: number, round: number) {
  const more = async () => (await stored()) > before
  await eventually(more, { withinMs: 120_000, everyMs: 100, what: `progress in round ${round}` }).catch(
    (error: Error) => {
      error.message += `\nanalytics wrote:\n${analytics?.output()}`
      throw error
    },
  )
}

it('has every record once after analytics was killed again and again', async () => {
  shop = await harness({ clickhouseUrl: server.url })
  publisher = publishing()
  for (let round = 0; round < 3; round++) {
    const before = await stored()
    analytics = start()
    await progress(before, round)
    await pause(60 * round) // somewhere within reading, writing orders, writing events
    analytics.signal('SIGKILL')
    await analytics.exited
  }
  await publisher.close()
  analytics = start()
  await exactlyOnce(shop)
}, 400_000)

it('has every record once after ClickHouse was killed again and again, and away for a while', async () => {
  shop = await harness({ clickhouseUrl: server.url })
  analytics = start()
  publisher = publishing()
  const port = Number(new URL(server.url).port)
  for (let round = 0; round < 3; round++) {
    const before = await stored()
    await progress(before, round)
    await server.kill()
    await pause(round * 1000)
    server = await startServerProcess(folder, {}, port)
  }
  await publisher.close()
  await exactlyOnce(shop)
  expect(analytics.output()).not.toContain('"level":60')
}, 400_000)

it('stores what it has read before it ends when it is asked to', async () => {
  shop = await harness({ clickhouseUrl: server.url })
  analytics = start()
  await shop.publish(...orderEvents('Shipped'))
  await exactlyOnce(shop)
  analytics.signal('SIGTERM')
  expect(await analytics.exited).toEqual({ code: 0, signal: null })
}, 120_000)
