import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '#pipelines/testing/eventually.ts'
import { type Keys, keysOf, token } from '#services/e2e/harness/forge.ts'
import { type LocalShop, startLocalShop } from '#services/e2e/harness/local-shop.ts'
import { createTransport } from '#services/e2e/rest/transport.ts'
import { partNamed, restarted, thawedAfter } from '../infrastructure/parts.ts'

const PER_MINUTE = 60
/** How long a service waits at least between two readings of the keys, and remembers a token that it has verified. */
const COOLDOWN_MS = 30_000

let local: LocalShop
let keys: Keys
let guarded: readonly string[]
const transport = createTransport()
beforeAll(async () => {
  local = await startLocalShop({ env: { REQUESTS_PER_MINUTE: String(PER_MINUTE) } })
  const { basket, catalog, ordering, payment, tasks, analytics, identity } = local.endpoints
  keys = await keysOf(local.home, identity)
  guarded = [
    `${basket}/v1/basket`,
    `${catalog}/v1/dead-letters`,
    `${ordering}/v1/orders`,
    `${payment}/v1/payments`,
    `${tasks}/v1/tasks`,
    `${analytics}/v1/analytics/orders/by-status`,
  ]
}, 400_000)
afterAll(async () => {
  transport.close()
  await local?.close()
})

const ask = (url: string, bearer: string) => transport.send<{ code?: string }>({ method: 'GET', url, token: bearer })
const tokenOf = (sub: string, from = keys) => token(from, { claims: { sub } })

test('one subject who asks too much is told when to come again, under every token of his, and nobody else waits', async () => {
  for (const url of guarded) {
    const answers = []
    for (let number = 0; number < PER_MINUTE + 10; number++) answers.push(await ask(url, await tokenOf('greedy')))
    const turnedAway = answers.filter(({ status }) => status === 429)
    expect({
      url,
      served: answers.filter(({ status }) => status === 200).length,
      turnedAway: turnedAway.length,
    }).toEqual({ url, served: PER_MINUTE, turnedAway: 10 })
    for (const { headers } of turnedAway) expect(Number(headers['retry-after'])).toBeGreaterThan(0)
    expect((await ask(url, await tokenOf('modest'))).status).toBe(200)
  }
})

test('the issuer away: tokens that nobody has seen yet are verified all the same; a service that starts meanwhile says 503', async () => {
  const { catalog } = local.endpoints
  await using _thaw = thawedAfter(local, 'identity')
  for (const [number, url] of guarded.entries())
    expect({ url, status: (await ask(url, await tokenOf(`early-${number}`))).status }).toEqual({ url, status: 200 })
  const before = partNamed(local, 'catalog')?.pid
  process.kill(before ?? 0, 'SIGTERM')
  const dead = `${catalog}/v1/dead-letters`
  const refused = await eventually(
    async () => {
      const answer = await ask(dead, await tokenOf('early')).catch(() => undefined)
      return answer?.status === 503 && answer.body.code === 'ISSUER_AWAY' && answer
    },
    { withinMs: 60_000, what: 'catalog runs again and knows no keys' },
  )
  expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
  const health = await transport.send<{ dependencies: object }>({ method: 'GET', url: `${catalog}/health/ready` })
  expect(health).toMatchObject({
    status: 503,
    body: { dependencies: { issuer: { ready: false }, database: { ready: true } } },
  })
})

test('after that, and after a rotation of the key, tokens of the new key are taken and those of the old are not', async () => {
  const old = await Promise.all(guarded.map((_, number) => tokenOf(`old-${number}`)))
  for (const [number, url] of guarded.entries())
    await eventually(async () => (await ask(url, old[number] ?? '')).status === 200, { what: `${url} is well again` })
  await rm(join(local.home, 'identity', 'signing-key.json'))
  await restarted(local, 'identity')
  await eventually(
    async () =>
      (await transport.send({ method: 'GET', url: `${local.endpoints.identity}/health/ready` }).catch(() => undefined))
        ?.status === 200,
  )
  const renewed = await keysOf(local.home, local.endpoints.identity)
  expect(renewed.kid).not.toBe(keys.kid)
  for (const [number, url] of guarded.entries()) {
    const fresh = await tokenOf(`new-${number}`, renewed)
    await eventually(async () => (await ask(url, fresh)).status === 200, {
      withinMs: COOLDOWN_MS + 10_000,
      everyMs: 2_000,
      what: `${url} takes the new key`,
    })
    await eventually(async () => (await ask(url, old[number] ?? '')).status === 401, {
      withinMs: COOLDOWN_MS + 10_000,
      everyMs: 2_000,
      what: `${url} refuses the old key`,
    })
  }
}, 300_000)
