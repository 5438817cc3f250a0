import { afterAll, beforeAll, expect, test } from 'vitest'
import { pause } from '#pipelines/kernel/lifecycle.ts'
import { readSettings } from '#pipelines/local/settings.ts'
import { type LocalShop, startLocalShop } from '#services/e2e/harness/local-shop.ts'
import { localAddresses } from '../chaos/local-addresses.ts'
import { underLoad } from '../crash/under-load.ts'
import { reportOf } from '../oracle/report.ts'
import { frozen, restarted } from './parts.ts'

/** Longer than anybody waits for a restart, and than a session of a consumer lasts. */
const AWAY_MS = 60_000
const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 1e9))

let local: LocalShop
beforeAll(async () => {
  local = await startLocalShop({ env: { GRACE_PERIOD_MS: '2000', GRACE_INTERVAL_MS: '500' } })
}, 400_000)
afterAll(() => local?.close())

const FAULTS: readonly (readonly [what: string, commit: () => Promise<void>])[] = [
  ['the broker away for 60 s', () => frozen(local, 'kafka', AWAY_MS)],
  ['the broker restarted', () => restarted(local, 'kafka')],
  // SIGINT is its fast shutdown: connections are ended, not waited for.
  ['PostgreSQL restarted', () => restarted(local, 'postgres', 'SIGINT')],
  ['the registry away for 60 s', () => frozen(local, 'registry', AWAY_MS)],
  ['the registry restarted', () => restarted(local, 'registry')],
  ['ClickHouse away for two minutes', () => frozen(local, 'clickhouse', 2 * AWAY_MS)],
  ['ClickHouse restarted', () => restarted(local, 'clickhouse')],
  [
    'every service told to end, one after the other',
    async () => {
      for (const name of ['basket', 'catalog', 'ordering', 'payment', 'analytics']) await restarted(local, name)
    },
  ],
]

test.each(FAULTS)(
  '%s, under load: nothing is lost, doubled or stuck, and no answer is an error of ours',
  { timeout: 1_800_000 },
  async (_what, commit) => {
    const { endpoints, env } = local
    const addresses = localAddresses(readSettings({ ...process.env, ...env }))
    const { findings, evidence } = await underLoad(
      { endpoints, addresses, ratePerSecond: 3, seed: SEED, settleMs: 300_000 },
      async () => {
        await pause(5_000)
        await commit()
        await pause(5_000)
      },
    )
    expect(findings, `seed ${SEED}\n${reportOf(findings, evidence)}`).toEqual([])
    expect(evidence.clients.accepted.length).toBeGreaterThan(5)
  },
)
