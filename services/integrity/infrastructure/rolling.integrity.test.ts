import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { pause } from '#pipelines/kernel/lifecycle.ts'
import { freePorts } from '#pipelines/local/ports.ts'
import { readSettings } from '#pipelines/local/settings.ts'
import { environmentOf } from '#pipelines/local/shop-environment.ts'
import { eventually } from '#pipelines/testing/eventually.ts'
import { startProcess, type TestProcess } from '#pipelines/testing/process.ts'
import { type LocalShop, startLocalShop } from '#services/e2e/harness/local-shop.ts'
import { createTransport } from '#services/e2e/rest/transport.ts'

const ROUNDS = 5
/** As often as a load balancer looks; a closing service goes on serving for longer (`DRAIN_MS`, 250). */
const LOOK_EVERY_MS = 50

let local: LocalShop
beforeAll(async () => {
  local = await startLocalShop()
}, 400_000)
afterAll(() => local?.close())

/** One more instance of the catalog, beside the shop's own. */
function instance(port: number): TestProcess {
  const { common, of } = environmentOf(readSettings({ ...process.env, ...local.env }))
  return startProcess([join('services', 'catalog', 'main.ts')], {
    env: { ...common, ...of.catalog, PORT: String(port) },
  })
}

test('instances are replaced one by one under load by SIGTERM: not one request fails', {
  timeout: 600_000,
}, async () => {
  const ports = await freePorts('one', 'two')
  const urls = [ports.one, ports.two].map((port) => `http://127.0.0.1:${port}`)
  const running = [instance(ports.one), instance(ports.two)]
  const transport = createTransport()
  const ready = new Set<string>()
  const stop = new AbortController()
  const failures: string[] = []
  let served = 0

  const look = async (url: string) => {
    const answer = await transport
      .send({ method: 'GET', url: `${url}/health/ready`, timeoutMs: 1_000 })
      .catch(() => undefined)
    if (answer?.status === 200) ready.add(url)
    else ready.delete(url)
  }
  const looking = (async () => {
    while (!stop.signal.aborted) {
      await Promise.all(urls.map(look))
      await pause(LOOK_EVERY_MS, stop.signal)
    }
  })()
  await eventually(() => ready.size === 2, { withinMs: 60_000, what: 'both instances are ready' })

  const caller = async (number: number) => {
    for (let turn = number; !stop.signal.aborted; turn++) {
      const there = [...ready]
      const url = there[turn % there.length]
      if (!url) {
        failures.push('no instance was ready')
        await pause(LOOK_EVERY_MS)
        continue
      }
      const answer = await transport
        .send({ method: 'GET', url: `${url}/v1/products?limit=5` })
        .catch((error) => String(error))
      if (typeof answer !== 'string' && answer.status === 200) served += 1
      else failures.push(typeof answer === 'string' ? answer : String(answer.status))
    }
  }
  const callers = Array.from({ length: 8 }, (_, number) => caller(number))

  for (let round = 0; round < ROUNDS; round++) {
    const at = round % 2
    running[at]?.signal('SIGTERM')
    expect(await running[at]?.exited).toEqual({ code: 0, signal: null })
    running[at] = instance(at === 0 ? ports.one : ports.two)
    await eventually(() => ready.size === 2, { withinMs: 60_000, what: 'the new instance is ready' })
  }
  stop.abort()
  await Promise.all([...callers, looking])
  transport.close()
  for (const each of running) await each.close()
  expect(failures).toEqual([])
  expect(served).toBeGreaterThan(100)
})
