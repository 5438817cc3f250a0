import { createClient } from '@clickhouse/client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pause } from '#pipelines/kernel/lifecycle.ts'
import { root } from '#pipelines/local/paths.ts'
import { readSettings } from '#pipelines/local/settings.ts'
import { eventually } from '#pipelines/testing/eventually.ts'
import { type LocalShop, startLocalShop } from '#services/e2e/harness/local-shop.ts'
import { aProduct } from '#services/e2e/harness/test-shop.ts'
import { openShop, type Shop } from '#services/e2e/rest/shop.ts'
import { tally } from '#services/e2e/traffic/verdict.ts'
import { localAddresses } from '../chaos/local-addresses.ts'
import { underLoad } from '../crash/under-load.ts'
import { reportOf } from '../oracle/report.ts'
import type { TreeCopy } from '../planted/copy.ts'
import { calling } from './callers.ts'
import { FLEET, type Fleet, type FleetName, startFleet } from './fleet.ts'
import { nextVersion } from './next-version.ts'

const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 1e9))
/** Long enough for orders to be made while old and new instances run beside each other. */
const SIDE_BY_SIDE_MS = 4_000

let local: LocalShop
let fleet: Fleet
let shop: Shop
let productId: string
beforeAll(async () => {
  const env = { GRACE_PERIOD_MS: '1000', GRACE_INTERVAL_MS: '500', REQUESTS_PER_MINUTE: '0', DRAIN_MS: '1000' }
  local = await startLocalShop({ env, without: FLEET })
  fleet = await startFleet(local, root)
  shop = openShop(local.endpoints)
  productId = (await aProduct(shop, { stock: 1_000 })).id
}, 600_000)
afterAll(async () => {
  await shop?.[Symbol.asyncDispose]()
  await fleet?.close()
  await local?.close()
}, 120_000)

/** Customers shop while it is done; afterwards the oracle judges. */
async function underCustomers(work: () => Promise<void>): Promise<void> {
  const addresses = localAddresses(readSettings({ ...process.env, ...local.env }))
  const load = { endpoints: local.endpoints, addresses, ratePerSecond: 3, seed: SEED, settleMs: 180_000 }
  const { findings, evidence } = await underLoad(load, async () => {
    await pause(2_000)
    await work()
    await pause(2_000)
  })
  expect(findings, `seed ${SEED}\n${reportOf(findings, evidence)}`).toEqual([])
  expect(evidence.clients.accepted.length).toBeGreaterThan(5)
}

/** A problem without what is its own of each answer, so that equal ones are counted together. */
function withoutId(problem: string): string {
  return problem.replaceAll(/urn:uuid:[0-9a-f-]+/g, 'urn:uuid:…')
}

/** What came to nothing, of any service, since it was asked before: how often each thing. */
function failuresSince() {
  const before = new Map(FLEET.map((name) => [name, fleet.failuresOf(name).length]))
  return () =>
    tally(
      FLEET.flatMap((name) =>
        fleet
          .failuresOf(name)
          .slice(before.get(name))
          .map(({ request, why }) => `${name} ${request}: ${why}`),
      ),
    )
}

describe('instances replaced one by one under load, behind a balancer that never asks twice', () => {
  test.each(FLEET)('%s, by SIGTERM: not one request fails', { timeout: 400_000 }, async (name) => {
    await underCustomers(async () => {
      const failures = failuresSince()
      const { answered, failed } = await calling(shop, name, productId, async () => {
        for (const which of [0, 1] as const) await fleet.replace(name, which, 'SIGTERM', root)
      })
      expect({ name, failures: failures(), failed: tally(failed.map(withoutId)) }).toEqual({
        name,
        failures: {},
        failed: {},
      })
      expect(answered).toBeGreaterThan(50)
    })
  })

  test('all, by SIGKILL: what was in their hands is asked again by the customers, and nothing is lost', {
    timeout: 600_000,
  }, async () => {
    await underCustomers(async () => {
      for (const name of FLEET) for (const which of [0, 1] as const) await fleet.replace(name, which, 'SIGKILL', root)
    })
  })
})

test('the next version of two schemas, the one producer first, the other consumer first, old and new side by side', {
  timeout: 900_000,
}, async () => {
  using next: TreeCopy = await nextVersion(local)
  const roll = async (name: FleetName) => {
    const failures = failuresSince()
    await fleet.replace(name, 0, 'SIGTERM', next.folder)
    expect({ name, failures: failures() }).toEqual({ name, failures: {} })
    await pause(SIDE_BY_SIDE_MS)
    await fleet.replace(name, 1, 'SIGKILL', next.folder)
  }
  await underCustomers(async () => {
    await roll('basket') // writes a field that neither ordering nor analytics knows
    await roll('ordering') // reads a field that catalog does not write yet
    await roll('catalog')
    await pause(SIDE_BY_SIDE_MS)
  })
  // Analytics is of the old version: it keeps what it has no column for.
  const clickhouse = createClient({ url: local.endpoints.clickhouse, username: 'ingest' })
  const kept = async (type: string, field: string) => {
    const answer = await clickhouse.query({
      query: `select countIf(JSONExtractString(unknown_fields, {field: String}) != '') as kept, countIf(unknown_fields = '') as older
              from eshop_store.events where type = {type: String}`,
      format: 'JSONEachRow',
      query_params: { type, field },
    })
    const [row] = await answer.json<{ kept: string; older: string }>()
    return { kept: Number(row?.kept), older: Number(row?.older) }
  }
  try {
    for (const [type, field] of [
      ['UserCheckoutAccepted', 'giftNote'],
      ['OrderStockConfirmed', 'warehouse'],
    ] as const)
      await eventually(
        async () => {
          const counts = await kept(type, field)
          return counts.kept > 3 && counts.older > 3
        },
        { withinMs: 30_000, what: `${type} of both versions, with ${field}, in ClickHouse` },
      )
  } finally {
    await clickhouse.close()
  }
})
