import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pause } from '#pipelines/kernel/lifecycle.ts'
import { readSettings } from '#pipelines/local/settings.ts'
import { eventually } from '#pipelines/testing/eventually.ts'
import { startProcess, type TestProcess } from '#pipelines/testing/process.ts'
import { openWay, type Way } from '#pipelines/testing/way.ts'
import { type LocalShop, startLocalShop } from '#services/e2e/harness/local-shop.ts'
import { localAddresses } from '../chaos/local-addresses.ts'
import { underLoad } from '../crash/under-load.ts'
import { reportOf } from '../oracle/report.ts'
import { type Lie, type LyingRegistry, lyingRegistry } from './lying-registry.ts'
import { metricOf } from './metric.ts'
import { startProgram } from './programs.ts'

const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 1e9))
const FOR_MS = 15_000
const RAISED_WITHIN_MS = 60_000

/** A shop whose analytics reaches ClickHouse, and whose ordering reaches the registry, on ways of ours. */
let local: LocalShop
let clickhouse: Way
let registry: LyingRegistry
let analytics: TestProcess
let ordering: TestProcess
let tasks: TestProcess
beforeAll(async () => {
  const env = { GRACE_PERIOD_MS: '1000', GRACE_INTERVAL_MS: '500' }
  local = await startLocalShop({ env, without: ['analytics', 'ordering', 'tasks'] })
  clickhouse = await openWay({ host: '127.0.0.1', port: Number(local.env.CLICKHOUSE_PORT) })
  registry = await lyingRegistry(localAddresses(readSettings({ ...process.env, ...local.env })).registryUrl)
  const CLICKHOUSE_URL = `http://127.0.0.1:${clickhouse.port}`
  analytics = startProgram(local, 'analytics', { port: Number(local.env.ANALYTICS_PORT), env: { CLICKHOUSE_URL } })
  tasks = startProgram(local, 'tasks', { port: Number(local.env.TASKS_PORT) })
  ordering = startOrdering()
  for (const name of ['analytics', 'ordering', 'tasks'] as const) await ready(name)
}, 400_000)

afterAll(async () => {
  for (const each of [analytics, ordering, tasks]) await each?.close()
  await registry?.close()
  await clickhouse?.close()
  await local?.close()
}, 120_000)

function startOrdering(): TestProcess {
  return startProgram(local, 'ordering', {
    port: Number(local.env.ORDERING_PORT),
    env: { REGISTRY_URL: registry.url },
  })
}

const isReady = (name: 'analytics' | 'ordering' | 'tasks') =>
  fetch(`${local.endpoints[name]}/health/ready`).then(
    ({ status }) => status === 200,
    () => false,
  )
const ready = (name: 'analytics' | 'ordering' | 'tasks') =>
  eventually(() => isReady(name), { withinMs: 120_000, what: `${name} is ready` })

async function underCustomers(attack: () => Promise<void>): Promise<void> {
  const addresses = localAddresses(readSettings({ ...process.env, ...local.env }))
  const load = { endpoints: local.endpoints, addresses, ratePerSecond: 3, seed: SEED, settleMs: 180_000 }
  const { findings, evidence } = await underLoad(load, async () => {
    await pause(3_000)
    await attack()
    await pause(3_000)
  })
  expect(findings, `seed ${SEED}\n${reportOf(findings, evidence)}`).toEqual([])
  expect(evidence.clients.accepted.length).toBeGreaterThan(5)
}

describe('between analytics and ClickHouse, under load', () => {
  test.each<[what: string, harm: () => void | Promise<void>, raised: string]>([
    ['every piece takes a second and a half', () => clickhouse.delay(1_500), 'analytics_freshness_seconds_sum'],
    [
      'what was inserted is acknowledged, and the answer is lost',
      () => clickhouse.loseAnswers(),
      'analytics_flush_failures_total',
    ],
    ['connections are cut', () => clickhouse.cut(), 'analytics_flush_failures_total'],
  ])(
    '%s: said by a metric, made up for afterwards, every record there once',
    { timeout: 600_000 },
    async (_what, harm, raised) => {
      await underCustomers(async () => {
        const { analytics: url } = local.endpoints
        const before = await metricOf(url, raised)
        await harm()
        try {
          await eventually(async () => (await metricOf(url, raised)) > before + 1, {
            withinMs: RAISED_WITHIN_MS,
            what: `${raised} is raised`,
          })
          await pause(FOR_MS)
        } finally {
          await clickhouse.mend()
        }
      })
    },
  )
})

/** What a retry of such a record is counted under, and whether some are put aside by the time the registry is right again. */
const LIES: readonly (readonly [Lie, code: string, areDead: boolean])[] = [
  ['silence', 'REGISTRY_UNAVAILABLE', false],
  ['error', 'REGISTRY_UNAVAILABLE', false],
  ['garbage', 'REGISTRY_UNAVAILABLE', false],
  ['not found', 'EVENT_SCHEMA_UNKNOWN', true],
  ['a stranger', 'EVENT_TYPE_DIFFERS', true],
]

describe('the registry answers an instance that has just started', () => {
  test.each(LIES)(
    'with %s: retries are counted as %s; afterwards all is made up for',
    { timeout: 600_000 },
    async (lie, code, areDead) => {
      await underCustomers(async () => {
        registry.tell(lie)
        ordering.signal('SIGTERM')
        await ordering.exited
        ordering = startOrdering()
        const { ordering: url } = local.endpoints
        await eventually(async () => (await metricOf(url, 'stream_retries_total', { code }).catch(() => 0)) > 0, {
          withinMs: RAISED_WITHIN_MS,
          what: `stream_retries_total of ${code}`,
        })
        await pause(FOR_MS)
        expect(registry.lies()).toBeGreaterThan(0)
        registry.tell('none')
        const dead = await metricOf(url, 'stream_dead_letters_total', { code })
        expect({ lie, areDead: dead > 0 }).toEqual({ lie, areDead })
        if (areDead) await replayAll()
      })
    },
  )
})

/** What an operator does once the registry is right again. */
async function replayAll(): Promise<void> {
  await pause(5_000) // the last that was given a wrong answer has used up its attempts
  const replay = startProcess(['bin/commands.ts', 'dlq', 'replay', '--all', '--service', 'ordering'], {
    env: { ...local.env },
  })
  const { code } = await replay.exited
  expect({ code, output: code === 0 ? '' : replay.output() }).toEqual({ code: 0, output: '' })
}
