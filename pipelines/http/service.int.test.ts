import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openDatabase } from '#pipelines/kernel/database.ts'
import { messageOf } from '#pipelines/kernel/errors.ts'
import { newId } from '#pipelines/kernel/ids.ts'
import { memoryBinder } from '#pipelines/stream/binders/memory/binder.ts'
import { done, type Handlers } from '#pipelines/stream/types.ts'
import { eventually } from '#pipelines/testing/eventually.ts'
import { type TestOutside, testOutside } from '#pipelines/testing/outside.ts'
import { createCodec } from '#schemas/codec/codec.ts'
import { memoryRegistry } from '#schemas/codec/memory-registry.ts'
import type { Outside } from './outside.ts'
import { createPublisher } from './publisher.ts'
import { type Service, service } from './service.ts'
import type { HttpApp } from './types.ts'

let around: TestOutside
const closing: (() => Promise<void>)[] = []
beforeEach(async () => {
  around = await testOutside()
})
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
  await around.close()
})

const handles: Handlers<'catalog'> = {
  'orders-waiting-for-validation': { OrderStatusChangedToAwaitingValidation: async () => done },
  'paid-orders': { OrderStatusChangedToPaid: async () => done },
  'cancelled-orders': { OrderStatusChangedToCancelled: async () => done },
}

/** The catalog's part with one route, which publishes. */
function small(outside: Outside): Service {
  const publisher = createPublisher('catalog', outside)
  const routes = (app: HttpApp) => {
    app.post('/v1/publish', { config: { access: 'public' } }, async () => {
      const productId = newId()
      await publisher.transaction((tx) =>
        publisher.publish(tx, [
          {
            type: 'ProductStockChanged',
            productId,
            stockVersion: 1,
            available: 1,
            reserved: 0,
            delta: 1,
            reason: 'RECEIVED',
          },
        ]),
      )
      return { productId }
    })
  }
  const http = { host: '127.0.0.1', port: 0, drainMs: 0, limits: { eventLoopDelayMs: 0 } }
  const made = service('catalog', { outside, publisher, http, routes: [routes], handles, migrations: [] })
  closing.push(() => made.close())
  return made
}

/** A way to the database that can be cut. */
async function cuttable(url: string) {
  const { hostname, port: targetPort } = new URL(url)
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    const onward = connect(Number(targetPort), hostname)
    for (const each of [socket, onward]) {
      sockets.add(each)
      each.on('error', () => {}).on('close', () => sockets.delete(each))
    }
    socket.pipe(onward).pipe(socket)
  })
  const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  await listen(0)
  const { port } = server.address() as AddressInfo
  const way = new URL(url)
  way.port = String(port)
  return {
    url: way.href,
    async cut() {
      const closed = new Promise((resolve) => server.close(resolve))
      for (const socket of sockets) socket.destroy()
      await closed
    },
    mend: () => listen(port),
  }
}

test('a service publishes what its routes commit, and is ready', async () => {
  const { url } = await small(around.outside).start()
  const { productId } = (await (await fetch(`${url}/v1/publish`, { method: 'POST' })).json()) as { productId: string }
  const events = await eventually(async () => {
    const all = await around.published('product-stock-changes')
    return all.length > 0 && all
  })
  expect(events).toMatchObject([{ productId }])
  const ready = await eventually(async () => {
    const answer = await fetch(`${url}/health/ready`)
    return answer.ok && ((await answer.json()) as unknown)
  })
  expect(ready).toEqual({
    ready: true,
    dependencies: { issuer: { ready: true }, database: { ready: true }, consumer: { ready: true } },
  })
  const metrics = await (await fetch(`${url}/metrics`)).text()
  expect(metrics).toContain('outbox_sent_events_total 1')
})

test('it refuses to start without its schemas, and names them', async () => {
  const codec = createCodec({ registry: memoryRegistry() })
  await expect(small({ ...around.outside, codec }).start()).rejects.toThrow(/product-stock-changes/)
})

test('it refuses to start without its topics, and names them', async () => {
  await expect(small({ ...around.outside, binder: memoryBinder() }).start()).rejects.toThrow(
    /paid-orders does not exist/,
  )
})

test('it waits at the start for what is away', async () => {
  around.broker.goAway()
  let listening = false
  const started = small(around.outside)
    .start()
    .then(() => {
      listening = true
    })
  await eventually(async () => {
    const [row] = await around.database.query("select 1 from migrations where name like 'outbox/%'").catch(() => [])
    return row !== undefined
  })
  expect(listening).toBe(false)
  around.broker.comeBack()
  await started
})

test('without its database it answers 503 with Retry-After, says so in its readiness, and recovers by itself', async () => {
  const way = await cuttable(around.database.url)
  const database = openDatabase({ url: way.url, maxConnections: 5, acquireMs: 1_000 })
  closing.push(() => database.close())
  const { url } = await small({ ...around.outside, database }).start()
  expect((await fetch(`${url}/v1/publish`, { method: 'POST' })).status).toBe(200)
  await way.cut()
  for (let time = 0; time < 5; time++) {
    const answer = await fetch(`${url}/v1/publish`, { method: 'POST' })
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '2'])
    expect(((await answer.json()) as { code: string }).code).toBe('DATABASE_AWAY')
  }
  const readiness = (await (await fetch(`${url}/health/ready`)).json()) as {
    dependencies: { database: { ready: boolean } }
  }
  expect(readiness.dependencies.database.ready).toBe(false)
  expect((await fetch(`${url}/health/live`)).status).toBe(200)
  await way.mend()
  await eventually(async () => (await fetch(`${url}/v1/publish`, { method: 'POST' })).status === 200)
  closing.unshift(() => way.cut())
})

test('closing twice, or before it started, is harmless', async () => {
  const made = small(around.outside)
  await made.close()
  await made.close()
  await expect(made.start().catch((error: unknown) => messageOf(error))).resolves.toMatch(/closed/)
})
