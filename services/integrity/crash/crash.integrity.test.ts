import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pause } from '#pipelines/kernel/lifecycle.ts'
import { readSettings } from '#pipelines/local/settings.ts'
import { type LocalShop, startLocalShop } from '#services/e2e/harness/local-shop.ts'
import { seeded } from '#services/e2e/random.ts'
import { localAddresses } from '../chaos/local-addresses.ts'
import { send, victimsOf } from '../chaos/processes.ts'
import { reportOf } from '../oracle/report.ts'
import { comeAndGo } from './instances.ts'
import { commitStrike, commitStrikes } from './strike.ts'
import { everyStrike } from './strikes.ts'
import { underLoad } from './under-load.ts'

const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 1e9))
const RANDOM_KILLS = 200
let shop: LocalShop

beforeAll(async () => {
  shop = await startLocalShop({ env: { GRACE_PERIOD_MS: '2000', GRACE_INTERVAL_MS: '500' } })
})
afterAll(() => shop?.close())

function load(ratePerSecond: number) {
  const addresses = localAddresses(readSettings({ ...process.env, ...shop.env }))
  return { endpoints: shop.endpoints, addresses, ratePerSecond, seed: SEED, settleMs: 240_000 }
}

describe(`crash points (seed ${SEED})`, () => {
  test('every part dies, hangs and fails before and after every step that matters', async () => {
    const { attacked, findings, evidence } = await underLoad(load(5), () =>
      commitStrikes(shop.home, everyStrike(seeded(SEED))),
    )
    const missed = attacked
      .filter(({ fired }) => !fired)
      .map(({ strike }) => `${strike.part} ${strike.point} ${strike.action}`)
    console.log(
      `${attacked.length} strikes, ${missed.length} not reached; ${evidence.clients.accepted.length} checkouts accepted`,
    )
    expect(findings, reportOf(findings, evidence)).toEqual([])
    expect(missed).toEqual([])
  })

  test('a handler that hangs for ever is got rid of, and its record handled', async () => {
    const hangs = ['basket', 'catalog', 'ordering', 'payment'].map(
      (part) => ({ part, point: 'handler.state.after', action: 'hang', nth: 2, forMs: 0 }) as const,
    )
    const { attacked, findings, evidence } = await underLoad(load(3), async () => {
      const struck = await Promise.all(hangs.map((strike) => commitStrike(shop.home, strike)))
      await pause(20_000)
      return struck
    })
    expect(attacked.every(({ fired }) => fired)).toBe(true)
    expect(findings, reportOf(findings, evidence)).toEqual([])
  })

  test(`${RANDOM_KILLS} kills at random moments, of every part, under load`, async () => {
    const chance = seeded(SEED)
    const { attacked, findings, evidence } = await underLoad(load(5), async () => {
      let killed = 0
      for (const victims = victimsOf(shop.home); killed < RANDOM_KILLS; await pause(chance.between(200, 1_800))) {
        const victim = victims.find(chance.pick(victims.names()))
        if (victim && send(victim, 'SIGKILL')) killed += 1
      }
      return killed
    })
    console.log(`${attacked} kills; ${evidence.clients.accepted.length} checkouts accepted`)
    expect(findings, reportOf(findings, evidence)).toEqual([])
    expect(evidence.clients.accepted.length).toBeGreaterThan(100)
  })

  test('second instances come and go: partitions and slots are shared out anew, and every key keeps its order', async () => {
    const { attacked, findings, evidence } = await underLoad(load(5), () => comeAndGo(shop, 90_000, seeded(SEED)))
    console.log(`${attacked} instances; ${evidence.clients.accepted.length} checkouts accepted`)
    expect(findings, reportOf(findings, evidence)).toEqual([])
    expect(attacked).toBeGreaterThan(16)
  })
})
