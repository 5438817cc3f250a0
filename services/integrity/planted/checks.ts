import { join } from 'node:path'
import { Kafka, logLevel } from 'kafkajs'
import { messageOf } from '#pipelines/kernel/errors.ts'
import type { Point } from '#pipelines/kernel/failpoint.ts'
import { readSettings } from '#pipelines/local/settings.ts'
import { type LocalShop, startLocalShop } from '#services/e2e/harness/local-shop.ts'
import { localAddresses } from '../chaos/local-addresses.ts'
import { commitStrikes, type Strike } from '../crash/strike.ts'
import { underLoad } from '../crash/under-load.ts'
import { SMALL, titleOf } from '../model/allowances.ts'
import { explore } from '../model/explore.ts'
import { newWorld } from '../model/world.ts'
import { findingsIn } from '../oracle/invariants.ts'
import { simulateMany } from '../simulation/batch.ts'

/** What a check says: the first thing that is wrong, or nothing. */
export type Said = string | undefined

export const CHECKS = ['model', 'simulation', 'shop'] as const
export type CheckName = (typeof CHECKS)[number]

export interface Stores {
  /** Of a PostgreSQL that may make databases. */
  readonly postgresUrl: string
}

/** The parts of the suite as one question each: is anything wrong with this tree? */
export const checks: Readonly<Record<CheckName, (stores: Stores) => Promise<Said>>> = { model, simulation, shop }

async function model(): Promise<Said> {
  for (const scope of SMALL) {
    try {
      const { fault } = explore(newWorld(scope.units, scope.left))
      if (fault) return `${fault.says} (${titleOf(scope)}; ${fault.history.length} moves)`
    } catch (error) {
      return `${messageOf(error)} (${titleOf(scope)})`
    }
  }
  return undefined
}

const RUNS = 400

async function simulation({ postgresUrl }: Stores): Promise<Said> {
  const { failed, runs } = await simulateMany(postgresUrl, { from: 1, runs: RUNS })
  if (!failed) return undefined
  const [finding] = failed.findings
  return `${finding?.invariant}: ${withoutIds(finding?.says ?? '')} (seed ${failed.scenario.seed}, run ${runs})`
}

/** Nobody asks again in time to hide that something was lost. */
const NO_REMINDERS = {
  REDRIVE_AFTER_MS: '86400000',
  REDRIVE_CAP_MS: '86400000',
  RESERVATION_RESEND_MS: '86400000',
  ANSWER_RESEND_MS: '86400000',
  CHECKOUT_RESEND_MS: '3600000',
}
/** Where a step in the wrong place shows when the process dies there. */
const KILLS: Readonly<Record<string, readonly Point[]>> = {
  ordering: ['relay.produce.before', 'handler.state.after', 'transaction.commit.after'],
  payment: ['handler.state.after', 'relay.produce.before'],
  analytics: ['ingest.orders.before', 'ingest.events.before'],
}

/** What must not outlive this process. */
let open: LocalShop | undefined

/** A whole shop under load, unreadable records in its topics, and parts killed where their steps could be in the wrong order. */
async function shop(): Promise<Said> {
  const local = await startLocalShop({ env: { GRACE_PERIOD_MS: '1000', GRACE_INTERVAL_MS: '500', ...NO_REMINDERS } })
  open = local
  try {
    const settings = readSettings({ ...process.env, ...local.env })
    const addresses = localAddresses(settings)
    await writeRubbish(addresses.brokers)
    const kills = Object.entries(KILLS).flatMap(([part, points]) =>
      points.map((point): Strike => ({ part, point, action: 'kill', nth: 3, forMs: 0 })),
    )
    const load = { endpoints: local.endpoints, addresses, ratePerSecond: 5, seed: 1, settleMs: 60_000 }
    const { evidence } = await underLoad(load, () => commitStrikes(local.home, kills))
    const [first] = findingsIn(evidence)
    return first && `${first.invariant}: ${withoutIds(first.says)}`
  } finally {
    await local.close()
  }
}

/** One record without a frame in each of a few topics. */
async function writeRubbish(brokers: string): Promise<void> {
  const producer = new Kafka({ brokers: brokers.split(','), logLevel: logLevel.NOTHING }).producer()
  await producer.connect()
  for (const topic of ['orders', 'order-stock-statuses', 'paid-orders'])
    await producer.send({ topic, messages: [{ key: 'rubbish', value: Buffer.from('no frame') }] })
  await producer.disconnect()
}

/** Ids are new in every run; what is wrong is the same. */
function withoutIds(text: string): string {
  return text.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '…')
}

/** `node checks.ts CHECK`: what it says as JSON on the last line. Run in a copy of the tree, by that copy's own code. */
if (process.argv[1] === join(import.meta.dirname, 'checks.ts')) {
  // Whoever asked is gone, perhaps killed: nothing of this stays behind.
  process.stdin.resume().once('close', async () => {
    await open?.close()
    process.exit(143)
  })
  const check = checks[process.argv[2] as CheckName]
  const outcome = await check({ postgresUrl: process.env.CHECK_POSTGRES_URL ?? '' }).then(
    (said) => ({ said: said ?? null }),
    (error: unknown) => ({ broke: messageOf(error) }),
  )
  console.log(`\n${JSON.stringify(outcome)}`)
  process.exit(0)
}
