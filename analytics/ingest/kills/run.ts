import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Chance } from '#pipelines/kernel/chance.ts'
import { type Closable, closer, pause } from '#pipelines/kernel/lifecycle.ts'
import { type ServerProcess, startServerProcess } from '../../server/testing/process.ts'
import { applyLayout, DEFAULT_LAYOUT } from '../../tables/layout.ts'
import { type Harness, harness } from '../../testing/harness.ts'
import { type LossyProxy, lossyProxy } from '../../testing/lossy-proxy.ts'
import { openWorkload, type Workload } from '../../testing/workload.ts'
import type { SourceName } from '../sources.ts'
import { type Instance, type Instances, instances } from './instances.ts'
import type { Strike } from './strikes.ts'

/** How long the ingest stands still at a step while ClickHouse is killed. */
const STAND_STILL_MS = 300

/** A ClickHouse that can be killed, an ingest that can, and records that come all the while. */
export interface KillRun extends Closable {
  readonly shop: Harness
  readonly workload: Workload
  readonly ingests: Instances
  /** Does it, and resolves when it was done and whoever was killed is back. */
  strike(strike: Strike): Promise<void>
  /** Stops the records, and lets an ingest that nobody harms bring the rest in. */
  finish(): Promise<void>
}

/** @param partitioned the events lie in a partition for each day, and those of a flush are of several days */
export async function openKillRun(
  chance: Chance,
  { source = 'fetch' as SourceName, partitioned = false } = {},
): Promise<KillRun> {
  const open = closer()
  const folder = await mkdtemp(join(tmpdir(), 'eshop-kill-run-'))
  open.add({ close: () => rm(folder, { recursive: true, force: true, maxRetries: 5 }) })
  let server: ServerProcess = await startServerProcess(folder)
  open.add({ close: () => server.stop() })
  const { url } = server
  const proxy: LossyProxy = open.add(await lossyProxy(url))
  const shop = open.add(await harness({ clickhouseUrl: url }))
  if (partitioned)
    await applyLayout(shop.db, shop.databases, { ...DEFAULT_LAYOUT, partition: { events: 'day', orders: 'none' } })
  const ingests = open.add(instances(shop, proxy.url, { source }))
  const workload = open.add(await openWorkload(shop, chance, { days: partitioned ? 5 : 1 }))
  const records = open.add(workload.keepOn(25))
  const zombies: Instance[] = []
  let ingest: Instance = await ingests.start()

  async function killIngest() {
    ingest.signal('SIGKILL')
    await ingest.exited
    ingest = await ingests.start()
  }

  async function killServer() {
    await server.kill()
    server = await startServerProcess(folder, {}, Number(new URL(url).port))
  }

  async function strike(what: Strike) {
    if (what.victim === 'zombie') {
      await ingest.strike(what.point, 'hang', 1, 60_000)
      ingest.signal('SIGSTOP')
      zombies.push(ingest)
      ingest = await ingests.start()
      return
    }
    if ('point' in what && what.point === 'ingest.positions.after') {
      // They are asked for at the start of an instance only.
      const doomed = await ingests.start({ armed: what.point })
      await doomed.exited
      return await killIngest()
    }
    if (what.victim === 'answer') return await proxy.arm(what.table, 'answered')
    const kill = what.victim === 'ingest' ? killIngest : killServer
    if ('moment' in what) return await proxy.arm(what.table, what.moment, kill)
    if ('afterMs' in what) {
      await pause(what.afterMs)
      return await kill()
    }
    const [action, forMs] = what.victim === 'ingest' ? (['kill', 0] as const) : (['hang', STAND_STILL_MS] as const)
    await ingest.strike(what.point, action, what.nth, forMs)
    await kill()
  }

  return {
    shop,
    workload,
    ingests,
    strike,
    async finish() {
      await records.close()
      await workload.finish()
      for (const zombie of zombies) zombie.signal('SIGCONT')
    },
    close: () => open.close(),
  }
}
