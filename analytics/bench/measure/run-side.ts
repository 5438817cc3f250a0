import { spawn } from 'node:child_process'
import { randomBytes, randomInt } from 'node:crypto'
import { join } from 'node:path'
import { closer, pause } from '#pipelines/kernel/lifecycle.ts'
import { clickHouseLaunch } from '#pipelines/local/parts/clickhouse.ts'
import { root } from '#pipelines/local/paths.ts'
import { freePorts } from '#pipelines/local/ports.ts'
import { startPart } from '#pipelines/local/process/launch.ts'
import { createLeash } from '#pipelines/local/process/leash.ts'
import type { StackAddresses } from '#pipelines/testing/start-stack.ts'
import type { EventType } from '#schemas/generated/events.ts'
import { FLUSH_LIMITS } from '../../ingest/flusher.ts'
import { openStore } from '../../store.ts'
import { databasesOf, migrate } from '../../tables/migrate.ts'
import { startPeer } from '../sides/peer.ts'
import type { Sent } from '../traffic/send.ts'
import type { Model } from '../traffic/workload.ts'
import { type Freshness, type FreshnessProbe, watchFreshness } from './freshness.ts'
import { layOracle, wrongs } from './oracle.ts'
import { cpuSeconds, watchMemory } from './process.ts'
import { storedBytes, untilSettled, untilStored } from './settled.ts'

export type SideName = 'ours' | 'peer' | 'peer2'

export interface SideSettings {
  readonly folder: string
  readonly stack: StackAddresses
  readonly prefix: string
  readonly types: readonly EventType[]
  readonly topicOf: (type: EventType) => string
  readonly models: readonly Model[]
  readonly orders: number
  readonly sent: Sent
  readonly join: boolean
  readonly flushRows: number
  readonly source: string
  /** How often our ingest, the server or both are killed on the way; then nothing is measured but what is wrong. Default 0. */
  readonly kills?: number
  /** Sends events live, once everything before is stored; how long each took to show is measured. */
  readonly live?: (probe: FreshnessProbe['probe']) => Promise<number>
}

export interface SideResult {
  readonly side: SideName
  readonly records: number
  /** Why there is no figure; empty if the result is right. */
  readonly wrong: readonly string[]
  readonly seconds: number
  /** CPU seconds until merges had ended: of the ingest, and of ClickHouse. */
  readonly ingestCpu: number
  readonly clickhouseCpu: number
  /** CPU seconds until all was stored, merges still to come. */
  readonly cpuWhenStored: number
  readonly peakMegabytes: number
  /** Of the peak: the ingest's share. */
  readonly ingestMegabytes: number
  readonly bytesPerEvent: number
  readonly storedShare: number
  readonly freshness?: Freshness
  /** How often something was killed: such a run is only right or wrong. */
  readonly kills: number
}

const LIMIT_MS = Number(process.env.BENCH_LIMIT_MS ?? 600_000)

/** One side from an empty server to settled tables, measured and checked. */
export async function runSide(side: SideName, settings: SideSettings): Promise<SideResult> {
  const { folder, stack, models, orders, sent, types, topicOf, join: joined } = settings
  const open = closer()
  const leash = open.add(createLeash())
  try {
    const { clickhouse } = await freePorts('clickhouse')
    const launch = clickHouseLaunch({
      directory: join(folder, 'clickhouse'),
      port: clickhouse ?? 0,
      logFile: join(folder, 'clickhouse.log'),
      published: '*',
    })
    const startServer = async () => {
      const started = open.add(await startPart({ ...launch, niceness: 0 }, { limitMs: 60_000 }))
      leash.holdProcess(started.pid)
      return started
    }
    let server = await startServer()
    const database = `bench_${randomBytes(3).toString('hex')}`
    const databases = databasesOf(database)
    const address = {
      clickhouseUrl: server.address,
      clickhouseUser: 'default',
      clickhousePassword: '',
      clickhouseDatabase: database,
    }
    const db = open.add(openStore(address))
    await migrate(db, databases)
    await layOracle(db, databases.store, `${database}_oracle`, models, orders)
    await untilSettled(db, server.pid)

    const before = cpuSeconds(server.pid)
    const began = Date.now()
    let ingest: Awaited<ReturnType<typeof startOurs>> | undefined
    const startIngest = async () => {
      const started = open.add(await startOurs(settings, server.address, database))
      leash.holdProcess(started.pid)
      return started
    }
    if (side === 'ours') ingest = await startIngest()
    else
      await startPeer({
        db,
        databases,
        broker: stack.kafkaBrokers,
        registryUrl: stack.registryUrl,
        topicOf,
        types,
        consumers: side === 'peer2' ? 2 : 1,
        join: joined,
      })
    for (let kill = 0; ingest && kill < (settings.kills ?? 0); kill++) {
      await pause(randomInt(200, 4_000))
      const which = ['ingest', 'server', 'both'][randomInt(3)]
      if (which !== 'server') ingest.kill()
      if (which !== 'ingest') {
        process.kill(server.pid, 'SIGKILL')
        await server.exited
        server = await startServer()
      }
      if (which !== 'server') ingest = await startIngest()
      console.log(`kill ${kill + 1}: ${which}`)
    }
    const memory = watchMemory(ingest ? [server.pid, ingest.pid] : [server.pid])
    await Promise.race([untilStored(db, databases, sent.records, LIMIT_MS), ...(ingest ? [ingest.failed] : [])])
    const seconds = (Date.now() - began) / 1000
    const ours = () => (ingest ? cpuSeconds(ingest.pid) : 0)
    const cpuWhenStored = cpuSeconds(server.pid) - before + ours()
    await untilSettled(db, server.pid)
    const [ingestCpu, clickhouseCpu] = [ours(), cpuSeconds(server.pid) - before]
    const peak = memory.stop()
    const bytes = await storedBytes(db, databases)
    const expected = { records: sent.records, poison: sent.poison, orders, join: joined }
    const wrong = await wrongs(db, databases, `${database}_oracle`, expected)
    let freshness: Freshness | undefined
    if (settings.live) {
      const watch = watchFreshness(db, databases)
      await settings.live(watch.probe)
      freshness = await watch.end(60_000)
    }
    return {
      side,
      records: sent.records,
      wrong,
      seconds,
      ingestCpu,
      clickhouseCpu,
      cpuWhenStored,
      peakMegabytes: peak.megabytes,
      ingestMegabytes: peak.each[1] ?? 0,
      bytesPerEvent: bytes / sent.records,
      storedShare: bytes / sent.valueBytes,
      ...(freshness && { freshness }),
      kills: settings.kills ?? 0,
    }
  } finally {
    await open.close()
  }
}

/** Our ingest in a process of its own. */
async function startOurs(
  { stack, types, topicOf, join: joined, flushRows, source }: SideSettings,
  clickhouseUrl: string,
  database: string,
) {
  const child = spawn(process.execPath, [join(root, 'analytics/bench/sides/ours.ts')], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: {
      ...process.env,
      TOPICS: types.map(topicOf).join(','),
      BROKER: stack.kafkaBrokers,
      REGISTRY_URL: stack.registryUrl,
      CLICKHOUSE_URL: clickhouseUrl,
      DATABASE: database,
      // Another group each time: one that was killed would keep the next waiting for the end of its session.
      GROUP: `ours-${database}-${randomBytes(3).toString('hex')}`,
      SOURCE: source,
      JOIN: joined ? 'yes' : 'no',
      FLUSH_MS: '200',
      FLUSH_ROWS: String(flushRows),
      MAX_BYTES: String(FLUSH_LIMITS.maxBytes),
      LOG_LEVEL: 'error',
    },
  })
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  let closing = false
  return {
    pid: child.pid as number,
    /** Rejects when it ends by itself. */
    failed: exited.then(() => {
      if (!closing) throw new TypeError('the ingest has ended')
    }),
    /** With SIGKILL. */
    kill() {
      closing = true
      child.kill('SIGKILL')
    },
    async close() {
      closing = true
      child.kill('SIGTERM')
      await exited
    },
  }
}
