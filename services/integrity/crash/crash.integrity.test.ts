import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { seeded } from '#pipelines/kernel/chance.ts'
import { UsageError } from '#pipelines/kernel/errors.ts'
import { ACTIONS, POINTS } from '#pipelines/kernel/failpoint.ts'
import { pause } from '#pipelines/kernel/lifecycle.ts'
import { readSettings } from '#pipelines/local/settings.ts'
import { eventually } from '#pipelines/testing/eventually.ts'
import { type LocalShop, startLocalShop } from '#services/e2e/harness/local-shop.ts'
import { localAddresses } from '../chaos/local-addresses.ts'
import { send, victimsOf } from '../chaos/processes.ts'
import { reportOf } from '../oracle/report.ts'
import { wrongDueTimes } from '../tasks/due-times.ts'
import { comeAndGo } from './instances.ts'
import { commitStrike, commitStrikes, type Strike, type Struck } from './strike.ts'
import { everyStrike, PASSED_BY_TASKS } from './strikes.ts'
import { underLoad } from './under-load.ts'

const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 1e9))
const RANDOM_KILLS = 200
/** Strikes at this point alone, to look at one again. */
const { POINT } = process.env
if (POINT !== undefined && !POINTS.some((point) => point === POINT))
  throw new UsageError('NO_SUCH_POINT', `there is no point ${POINT}; there are: ${POINTS.join(', ')}`)
let shop: LocalShop

beforeAll(async () => {
  shop = await startLocalShop({ env: { GRACE_PERIOD_MS: '2000', GRACE_INTERVAL_MS: '500' } })
})
afterAll(() => shop?.close())

function load(ratePerSecond: number) {
  const addresses = localAddresses(readSettings({ ...process.env, ...shop.env }))
  return { endpoints: shop.endpoints, addresses, ratePerSecond, seed: SEED, settleMs: 240_000 }
}

const chosen = (strikes: readonly Strike[]) => strikes.filter(({ point }) => POINT === undefined || point === POINT)

function nameOf({ strike: { part, point, action } }: Struck): string {
  return `${part} ${point} ${action}`
}

describe(`crash points (seed ${SEED})`, () => {
  test('every part dies, hangs and fails before and after every step that matters', async () => {
    const { attacked, findings, evidence } = await underLoad(load(5), () =>
      commitStrikes(shop.home, chosen(everyStrike(seeded(SEED)))),
    )
    const missed = attacked.filter(({ fired }) => !fired).map(nameOf)
    console.log(
      `${attacked.length} strikes, ${missed.length} not reached; ${evidence.clients.accepted.length} checkouts accepted`,
    )
    expect(findings, reportOf(findings, evidence)).toEqual([])
    expect(missed).toEqual([])
  })

  test('the scheduler and its runs die, hang and fail at every step: no due time is lost, run twice or early, none goes untold', async () => {
    const strikes = chosen(everyStrike(seeded(SEED), ACTIONS, PASSED_BY_TASKS))
    const { attacked, findings, evidence } = await underLoad(load(2), async () => ({
      struck: await commitStrikes(shop.home, strikes),
      at: Date.now(),
    }))
    console.log(`${attacked.struck.length} strikes; ${evidence.clients.accepted.length} checkouts accepted`)
    expect(attacked.struck.filter(({ fired }) => !fired).map(nameOf)).toEqual([])
    expect(findings, reportOf(findings, evidence)).toEqual([])
    const books = { records: evidence.records, endedBeforeMs: attacked.at - 30_000 }
    const url = load(1).addresses.database('tasks')
    await eventually(async () => expect(await wrongDueTimes(url, books)).toEqual([]), {
      withinMs: 120_000,
      everyMs: 1_000,
    })
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
