import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pause } from '#pipelines/kernel/lifecycle.ts'
import { readSettings } from '#pipelines/local/settings.ts'
import { eventually } from '#pipelines/testing/eventually.ts'
import { type LocalShop, startLocalShop } from '#services/e2e/harness/local-shop.ts'
import { localAddresses } from '../chaos/local-addresses.ts'
import { underLoad } from '../crash/under-load.ts'
import { reportOf } from '../oracle/report.ts'
import { metricOf } from './metric.ts'
import { canMount, fullDisk, type StoreName, smallDisks } from './small-disks.ts'

const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 1e9))
const FULL_MS = 20_000

/** What is raised while a store has no room, by what it keeps from happening. */
const RAISED: Readonly<Record<StoreName, readonly (readonly ['basket' | 'analytics', string, object])[]>> = {
  postgres: [['basket', 'http_requests_total', { status: '503' }]],
  kafka: [
    ['basket', 'outbox_send_failures_total', {}],
    ['basket', 'outbox_oldest_event_age_seconds', {}],
  ],
  clickhouse: [['analytics', 'analytics_flush_failures_total', {}]],
}

describe.runIf(canMount())('a disk that is full, under load', () => {
  let local: LocalShop
  beforeAll(async () => {
    local = await startLocalShop({
      env: { GRACE_PERIOD_MS: '1000', GRACE_INTERVAL_MS: '500' },
      prepare: smallDisks,
    })
  }, 400_000)
  afterAll(() => local?.close(), 120_000)

  test.each(Object.keys(RAISED) as StoreName[])(
    "%s's: 202 or 503 with Retry-After, the right metric is raised, and with room again all catches up",
    { timeout: 900_000 },
    async (store) => {
      const { endpoints, env, home } = local
      const addresses = localAddresses(readSettings({ ...process.env, ...env }))
      const load = { endpoints, addresses, ratePerSecond: 3, seed: SEED, settleMs: 240_000 }
      const { findings, evidence } = await underLoad(load, async () => {
        await pause(3_000)
        const before = await Promise.all(
          RAISED[store].map(([part, name, labels]) => metricOf(endpoints[part], name, { ...labels })),
        )
        {
          await using _full = await fullDisk(home, store)
          await pause(FULL_MS)
          for (const [at, [part, name, labels]] of RAISED[store].entries())
            await eventually(async () => (await metricOf(endpoints[part], name, { ...labels })) > (before[at] ?? 0), {
              withinMs: 60_000,
              what: `${name} of ${part} is raised`,
            })
        }
        await pause(5_000)
      })
      expect(findings, `seed ${SEED}\n${reportOf(findings, evidence)}`).toEqual([])
      expect(evidence.clients.accepted.length).toBeGreaterThan(5)
    },
  )
})
