import { Agent, request } from 'node:http'
import { Registry } from 'prom-client'
import { expect, test } from 'vitest'
import { pause } from '#pipelines/kernel/lifecycle.ts'
import { silentLog } from '#pipelines/kernel/log.ts'
import { testIssuer } from '#pipelines/testing/tokens.ts'
import { createHttpApp } from './app.ts'
import type { HttpApp, Routes } from './types.ts'

/** One request; 0 when there was no answer at all. */
function get(url: string, agent: Agent): Promise<number> {
  return new Promise((resolve) => {
    const outgoing = request(url, { agent }, (answer) => {
      answer.resume()
      answer.on('end', () => resolve(answer.statusCode ?? 0))
    })
    outgoing.on('error', () => resolve(0))
    outgoing.end()
  })
}

async function start(routes: Routes, drainMs: number): Promise<{ app: HttpApp; url: string }> {
  const { auth } = await testIssuer()
  const describe = { title: 'test', version: '1' }
  const limits = { eventLoopDelayMs: 0 }
  const app = await createHttpApp({
    log: silentLog,
    auth,
    registry: new Registry(),
    routes: [routes],
    describe,
    limits,
    drainMs,
  })
  return { app, url: await app.listen({ port: 0, host: '127.0.0.1' }) }
}

test('closing under load fails no request, and readiness says no meanwhile', async () => {
  const routes = (app: HttpApp) => void app.get('/v1/it', { config: { access: 'public' } }, async () => ({ ok: true }))
  const { app, url } = await start(routes, 2_500)
  const agent = new Agent({ keepAlive: true, maxSockets: 20 })
  let enough = false
  const statuses: number[] = []
  const clients = Array.from({ length: 20 }, async () => {
    while (!enough) statuses.push(await get(`${url}/v1/it`, agent))
  })
  await pause(50)
  const closed = app.close()
  const readiness = [await get(`${url}/health/ready`, agent), await get(`${url}/health/live`, agent)]
  await pause(200)
  enough = true
  await Promise.all(clients)
  await closed
  expect(readiness).toEqual([503, 200])
  expect(statuses.length).toBeGreaterThan(50)
  expect(new Set(statuses)).toEqual(new Set([200]))
  expect(await get(`${url}/v1/it`, agent)).toBe(0)
  agent.destroy()
})

test('a request in hand when listening ends is answered', async () => {
  let entered = () => {}
  let release = () => {}
  const inHand = new Promise<void>((resolve) => {
    entered = resolve
  })
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  const routes = (app: HttpApp) =>
    void app.get('/v1/it', { config: { access: 'public' } }, async () => {
      entered()
      await released
      return { ok: true }
    })
  const { app, url } = await start(routes, 0)
  const agent = new Agent({ keepAlive: true })
  const answer = get(`${url}/v1/it`, agent)
  await inHand
  const closed = app.close()
  while (app.server.listening) await pause(5)
  release()
  expect(await answer).toBe(200)
  await closed
  agent.destroy()
})
