/**
 * How many orders a second does the whole shop complete, from checkout to Paid as ClickHouse shows it, and how quickly is a checkout
 * answered at half that rate? Everything on this machine, load generator included; a shop of its own, grace period 0.
 *
 *     npm run bench:saga -- [--rate 120] [--seconds 60] [--half-seconds 30] [--profile] [--running]
 *
 * Baskets are filled beforehand (3 lines each). Phase A sends at half the rate, phase B at the rate, both as an open loop. A complete
 * order counts from the first checkout of phase B to the moment the last Paid was in ClickHouse. --profile samples each Node process in
 * turn during phase B and shows its hottest functions; the figures of such a run are lower.
 * --running measures the shop that this environment means (its ESHOP_HOME and ports) instead of one of its own.
 */
import { parseArgs } from 'node:util'
import { randomName } from '#pipelines/testing/names.ts'
import { type LocalShop, runningShop, startLocalShop } from '../e2e/harness/local-shop.ts'
import { liveLine } from '../e2e/live-line.ts'
import { spread } from '../e2e/percentiles.ts'
import { openShop, type Shop } from '../e2e/rest/shop.ts'
import type { Product } from '../e2e/rest/views.ts'
import { tableOf } from '../e2e/table.ts'
import { cpuBetween, cpuByPart } from './cpu-by-part.ts'
import { fsyncTimes } from './fsync.ts'
import { machineText } from './machine.ts'
import { profileOf } from './profiler.ts'
import { fillBaskets, stockUp } from './saga/baskets.ts'
import { type Load, sendCheckouts } from './saga/checkouts.ts'
import { type Completed, untilCompleted } from './saga/completions.ts'

const GOAL = { perSecond: 100, checkoutP99Ms: 60 }

const { values } = parseArgs({
  options: {
    rate: { type: 'string', default: '120' },
    seconds: { type: 'string', default: '60' },
    'half-seconds': { type: 'string', default: '30' },
    profile: { type: 'boolean', default: false },
    running: { type: 'boolean', default: false },
  },
})
const rate = Number(values.rate)
const seconds = Number(values.seconds)
const halfSeconds = Number(values['half-seconds'])
const SETTINGS = { GRACE_PERIOD_MS: '0', GRACE_INTERVAL_MS: '1000', REQUESTS_PER_MINUTE: '0' }

const live = liveLine()
const ms = (value: number | undefined) => `${(value ?? Number.NaN).toFixed(1)} ms`

async function phase(shop: Shop, products: readonly Product[], perSecond: number, forSeconds: number) {
  const prefix = `${randomName('bench')}-`
  const count = Math.round(perSecond * forSeconds)
  const onProgress = (filled: number) => live.show(`filling baskets: ${filled} of ${count}`)
  const buyers = await fillBaskets(shop, products, { prefix, count, onProgress })
  live.note(`${count} baskets filled; checking out ${perSecond} a second for ${forSeconds} s`)
  return { prefix, buyers }
}

function reportLoad(name: string, perSecond: number, load: Load): void {
  const { p50, p99, max } = spread(load.latencies)
  console.log(
    `${name}: ${perSecond}/s offered, ${load.accepted.length} accepted, checkout p50 ${ms(p50)}, p99 ${ms(p99)}, max ${ms(max)}` +
      ` (generator at most ${ms(load.sentLateMs)} late)`,
  )
  for (const [why, count] of Object.entries(load.failed)) console.log(`  ${count} not accepted: ${why}`)
}

function lostOf(load: Load, { paid }: Completed): number {
  return load.accepted.filter((orderId) => !paid.has(orderId)).length
}

function reportCompletion(load: Load, completed: Completed): number {
  const tookS = (completed.lastSeenAt - load.startedAt) / 1000
  const perSecond = completed.paid.size / tookS
  console.log(
    `complete: ${completed.paid.size} orders Paid in ClickHouse ${tookS.toFixed(1)} s after the first checkout:` +
      ` ${perSecond.toFixed(1)} orders/s (goal ${GOAL.perSecond})`,
  )
  console.log(`lost: ${lostOf(load, completed)} of ${load.accepted.length} accepted`)
  return perSecond
}

async function run(local: LocalShop): Promise<boolean> {
  await using shop = openShop(local.endpoints, { maxSockets: 256 })
  const products = await stockUp(shop, Math.round(rate * (seconds + halfSeconds)))
  console.log(
    `${machineText()}\n${Object.entries(SETTINGS)
      .map((setting) => setting.join('='))
      .join(' ')}, ${products.length} products`,
  )

  const a = await phase(shop, products, rate / 2, halfSeconds)
  const half = await sendCheckouts(shop, a.buyers, rate / 2)
  const halfDone = await untilCompleted(shop.sql, a.prefix, half.accepted)
  reportLoad('phase A', rate / 2, half)
  const fsync = spread(await fsyncTimes(local.home))
  console.log(
    `fsync of 8 KiB on this disk: p50 ${ms(fsync.p50)}, p99 ${ms(fsync.p99)}; lost in phase A: ${lostOf(half, halfDone)}`,
  )

  const b = await phase(shop, products, rate, seconds)
  const before = cpuByPart(local.parts())
  const own = process.cpuUsage()
  const profiled = values.profile ? profileParts(local) : Promise.resolve()
  const load = await sendCheckouts(shop, b.buyers, rate)
  const ownS = process.cpuUsage(own)
  const done = await untilCompleted(shop.sql, b.prefix, load.accepted)
  const after = cpuByPart(local.parts())
  reportLoad('phase B', rate, load)
  const perSecond = reportCompletion(load, done)
  reportCpu([...cpuBetween(before, after), ['load generator', (ownS.user + ownS.system) / 1e6]], done.paid.size)
  await profiled
  const p99 = spread(half.latencies).p99 ?? Number.POSITIVE_INFINITY
  return perSecond >= GOAL.perSecond && p99 < GOAL.checkoutP99Ms && lostOf(load, done) === 0
}

const PROFILED = ['basket', 'catalog', 'ordering', 'payment', 'analytics', 'clickhouse']

async function profileParts(local: LocalShop): Promise<void> {
  const eachMs = (seconds * 1000) / PROFILED.length - 2_000
  for (const { name, pid } of local.parts().filter((part) => PROFILED.includes(part.name))) {
    const hot = await profileOf(pid, eachMs)
    console.log(
      tableOf(
        [name, 'share of its busy time'],
        hot.map(({ where, share }) => [where, `${(share * 100).toFixed(1)} %`]),
      ),
    )
  }
}

function reportCpu(used: readonly (readonly [string, number])[], orders: number): void {
  const total = used.reduce((sum, [, cpu]) => sum + cpu, 0)
  const row = (name: string, cpu: number) => [
    name,
    cpu.toFixed(1),
    ((cpu / orders) * 1000).toFixed(2),
    `${((cpu / total) * 100).toFixed(0)} %`,
  ]
  console.log(
    tableOf(
      ['phase B', 'CPU s', 'CPU ms per order', 'share'],
      [...used.map(([name, cpu]) => row(name, cpu)), row('all', total)],
    ),
  )
}

const local = values.running ? runningShop() : await startLocalShop({ env: SETTINGS })
try {
  if (!(await run(local))) process.exitCode = 1
} finally {
  await local.close()
}
