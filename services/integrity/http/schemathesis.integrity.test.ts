import { afterAll, beforeAll, expect, test } from 'vitest'
import { type LocalShop, startLocalShop } from '#services/e2e/harness/local-shop.ts'
import { aProduct, order, orderIn } from '#services/e2e/harness/test-shop.ts'
import { openShop, type Shop } from '#services/e2e/rest/shop.ts'
import { attack, installSchemathesis } from './schemathesis.ts'

const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 1e9))
const SERVICES = ['basket', 'catalog', 'ordering', 'payment', 'tasks', 'analytics'] as const
/** A discontinued product stays readable by its id: its orders and prices are about it. */
const BY_DESIGN: Readonly<Record<string, readonly string[]>> = { catalog: ['use_after_free'] }

let local: LocalShop
let shop: Shop
beforeAll(async () => {
  await installSchemathesis()
  local = await startLocalShop({ env: { REQUESTS_PER_MINUTE: '0', GRACE_PERIOD_MS: '1000', GRACE_INTERVAL_MS: '500' } })
  shop = openShop(local.endpoints)
  const orderId = await order(shop, 'fuzz', { product: await aProduct(shop) })
  await orderIn(shop, orderId, 'Paid')
}, 400_000)
afterAll(async () => {
  await shop?.[Symbol.asyncDispose]()
  await local?.close()
})

test.each(SERVICES)(
  '%s: no 5xx, and nothing outside its own document, whatever is sent',
  { timeout: 1_200_000 },
  async (service) => {
    const answer = await shop.transport.persist<{ access_token: string }>({
      method: 'POST',
      url: `${shop.endpoints.identity}/token`,
      body: { sub: 'fuzz', roles: ['admin', 'customer'], ttlSeconds: 7_200 },
    })
    const token = answer.body.access_token
    const without = BY_DESIGN[service] ?? []
    const { code, report } = await attack({ url: shop.endpoints[service], token, seed: SEED, examples: 10, without })
    console.log(`${service}: ${/\d+ generated[^\n]*/.exec(report)?.[0]} (seed ${SEED})`)
    expect(code, `seed ${SEED}\n${report}`).toBe(0)
  },
)
