import { afterAll, beforeAll, expect, test } from 'vitest'
import { pause } from '#pipelines/kernel/lifecycle.ts'
import { readSettings } from '#pipelines/local/settings.ts'
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

/** A metric that rises by more than this while a fault lasts: what an alarm would be set on. */
interface Raised {
  readonly part: 'basket' | 'analytics'
  readonly metric: string
  readonly by: number
}

const OLD: Raised = { part: 'basket', metric: 'outbox_oldest_event_age_seconds', by: 20 }
const UNSENT: Raised = { part: 'basket', metric: 'outbox_send_failures_total', by: 0 }
const UNSTORED: Raised = { part: 'analytics', metric: 'analytics_flush_failures_total', by: 0 }
const WAITING: Raised = { part: 'analytics', metric: 'analytics_rows_waiting', by: 5 }

/** The most by which it rises above what it was, until the work is done. */
async function riseDuring({ part, metric }: Raised, work: () => Promise<void>): Promise<number> {
  const read = () => metricOf(local.endpoints[part], metric).catch(() => 0)
  const before = await read()
  const over = new AbortController()
  let most = 0
  const looking = (async () => {
    while (!over.signal.aborted) {
      most = Math.max(most, (await read()) - before)
      await pause(500, over.signal)
    }
  })()
  await work().finally(() => over.abort())
  await looking
  return most
}

/** Nothing is raised for the registry, which is asked for each schema once, nor for a second without PostgreSQL, which few notice. */
const FAULTS: readonly (readonly [what: string, commit: () => Promise<void>, raised: Raised | undefined])[] = [
  ['the broker away for 60 s', () => frozen(local, 'kafka', AWAY_MS), OLD],
  ['the broker restarted', () => restarted(local, 'kafka'), UNSENT],
  // SIGINT is its fast shutdown: connections are ended, not waited for.
  ['PostgreSQL restarted', () => restarted(local, 'postgres', 'SIGINT'), undefined],
  ['the registry away for 60 s', () => frozen(local, 'registry', AWAY_MS), undefined],
  ['the registry restarted', () => restarted(local, 'registry'), undefined],
  ['ClickHouse away for two minutes', () => frozen(local, 'clickhouse', 2 * AWAY_MS), WAITING],
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
    const { findings, evidence } = await underLoad(
      { endpoints, addresses, ratePerSecond: 3, seed: SEED, settleMs: 300_000 },
      async () => {
        await pause(5_000)
        const untilSeen = () => commit().then(() => pause(5_000)) // a failure may be counted a moment later
        if (!raised) return await untilSeen()
        const rise = await riseDuring(raised, untilSeen)
        expect({ raised, isRaised: rise > raised.by }).toEqual({ raised, isRaised: true })
      },
    )
    expect(findings, `seed ${SEED}\n${reportOf(findings, evidence)}`).toEqual([])
    expect(evidence.clients.accepted.length).toBeGreaterThan(5)
  },
)
