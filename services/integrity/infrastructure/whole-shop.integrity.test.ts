import { afterAll, beforeAll, expect, test } from 'vitest'
import { pause } from '#pipelines/kernel/lifecycle.ts'
import { readSettings } from '#pipelines/local/settings.ts'
import { eventually } from '#pipelines/testing/eventually.ts'
import { type LocalShop, startLocalShop } from '#services/e2e/harness/local-shop.ts'
import { localAddresses } from '../chaos/local-addresses.ts'
import { underLoad } from '../crash/under-load.ts'
import { reportOf } from '../oracle/report.ts'

/** Longer than anybody waits for a restart, and than a session of a consumer lasts. */
const AWAY_MS = 60_000
const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 1e9))

let local: LocalShop
beforeAll(async () => {
  local = await startLocalShop({ env: { GRACE_PERIOD_MS: '2000', GRACE_INTERVAL_MS: '500' } })
}, 400_000)
afterAll(() => local?.close())

const partNamed = (name: string) => local.parts().find((part) => part.name === name)

/** A part that answers nothing, as behind a cut cable: its process is stopped and goes on later. What it holds open stays open. */
async function frozen(name: string, ms: number): Promise<void> {
  const pid = partNamed(name)?.pid ?? 0
  expect(pid, name).toBeGreaterThan(0)
  process.kill(pid, 'SIGSTOP')
  try {
    await pause(ms)
  } finally {
    process.kill(pid, 'SIGCONT')
  }
}

/** A part that is told to end, and comes back as the supervisor starts it again. */
async function restarted(name: string, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  const before = partNamed(name)
  process.kill(before?.pid ?? 0, signal)
  await eventually(() => partNamed(name)?.pid !== before?.pid && partNamed(name) !== undefined, {
    withinMs: 120_000,
    what: `${name} is started again`,
  })
}

const FAULTS: readonly (readonly [what: string, commit: () => Promise<void>])[] = [
  ['the broker away for 60 s', () => frozen('kafka', AWAY_MS)],
  ['the broker restarted', () => restarted('kafka')],
  // SIGINT is its fast shutdown: connections are ended, not waited for.
  ['PostgreSQL restarted', () => restarted('postgres', 'SIGINT')],
  ['the registry away for 60 s', () => frozen('registry', AWAY_MS)],
  ['the registry restarted', () => restarted('registry')],
  ['ClickHouse away for two minutes', () => frozen('clickhouse', 2 * AWAY_MS)],
  ['ClickHouse restarted', () => restarted('clickhouse')],
  [
    'every service told to end, one after the other',
    async () => {
      for (const name of ['basket', 'catalog', 'ordering', 'payment', 'analytics']) await restarted(name)
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
