import { afterAll, beforeAll, expect, test } from 'vitest'
import { pause } from '#pipelines/kernel/lifecycle.ts'
import { readSettings } from '#pipelines/local/settings.ts'
import { eventually } from '#pipelines/testing/eventually.ts'
import { type LocalShop, startLocalShop } from '#services/e2e/harness/local-shop.ts'
import { localAddresses } from '../chaos/local-addresses.ts'
import { underLoad } from '../crash/under-load.ts'
import { reportOf } from '../oracle/report.ts'
import { metricOf } from './metric.ts'
import { frozen, restarted } from './parts.ts'

/** Longer than anybody waits for a restart, and than a session of a consumer lasts. */
const AWAY_MS = 60_000
const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 1e9))

let local: LocalShop
beforeAll(async () => {
  local = await startLocalShop({ env: { GRACE_PERIOD_MS: '2000', GRACE_INTERVAL_MS: '500' } })
}, 400_000)
afterAll(() => local?.close())

/** A counter that must have risen by the end of a fault: what an alarm would be set on. */
interface Raised {
  readonly part: 'basket' | 'analytics'
  readonly metric: string
  readonly labels?: Readonly<Record<string, string>>
}

const UNSENT: Raised = { part: 'basket', metric: 'outbox_send_failures_total' }
const UNSERVED: Raised = { part: 'basket', metric: 'http_requests_total', labels: { status: '503' } }
const UNSTORED: Raised = { part: 'analytics', metric: 'analytics_flush_failures_total' }

/** The registry is asked for a schema once: while it is away nothing that is known to be there suffers, and nothing is raised. */
const FAULTS: readonly (readonly [what: string, commit: () => Promise<void>, raised: Raised | undefined])[] = [
  ['the broker away for 60 s', () => frozen(local, 'kafka', AWAY_MS), UNSENT],
  ['the broker restarted', () => restarted(local, 'kafka'), UNSENT],
  // SIGINT is its fast shutdown: connections are ended, not waited for.
  ['PostgreSQL restarted', () => restarted(local, 'postgres', 'SIGINT'), UNSERVED],
  ['the registry away for 60 s', () => frozen(local, 'registry', AWAY_MS), undefined],
  ['the registry restarted', () => restarted(local, 'registry'), undefined],
  ['ClickHouse away for two minutes', () => frozen(local, 'clickhouse', 2 * AWAY_MS), UNSTORED],
  ['ClickHouse restarted', () => restarted(local, 'clickhouse'), UNSTORED],
  [
    'every service told to end, one after the other',
    async () => {
      for (const name of ['basket', 'catalog', 'ordering', 'payment', 'analytics']) await restarted(local, name)
    },
    undefined,
  ],
]

test.each(FAULTS)(
  '%s, under load: nothing is lost, doubled or stuck, no answer is an error of ours, and a metric says it',
  { timeout: 1_800_000 },
  async (_what, commit, raised) => {
    const { endpoints, env } = local
    const addresses = localAddresses(readSettings({ ...process.env, ...env }))
    const count = async () => (raised ? await metricOf(endpoints[raised.part], raised.metric, raised.labels) : 0)
    const { findings, evidence } = await underLoad(
      { endpoints, addresses, ratePerSecond: 3, seed: SEED, settleMs: 300_000 },
      async () => {
        await pause(5_000)
        const before = await count()
        await commit()
        if (raised)
          await eventually(async () => (await count()) > before, {
            withinMs: 60_000,
            what: `${raised.metric} is raised`,
          })
        await pause(5_000)
      },
    )
    expect(findings, `seed ${SEED}\n${reportOf(findings, evidence)}`).toEqual([])
    expect(evidence.clients.accepted.length).toBeGreaterThan(5)
  },
)
