import type { ClickHouseClient } from '@clickhouse/client'
import { type Clock, SECOND } from '#pipelines/kernel/clock.ts'
import { CodedError, Unavailable } from '#pipelines/kernel/errors.ts'
import { failpoints } from '#pipelines/kernel/failpoint.ts'
import { backoffMs, type Closable, pause } from '#pipelines/kernel/lifecycle.ts'
import type { Log } from '#pipelines/kernel/log.ts'
import type { SchemaLookup } from '#schemas/codec/registry.ts'
import type { Databases } from '../tables/migrate.ts'
import { createBacklog } from './backlog.ts'
import { createFlusher, FLUSH_LIMITS, type FlushLimits } from './flusher.ts'
import type { IngestMetrics } from './metrics.ts'
import { checkTopics, storedPositions, whereToRead } from './positions.ts'
import type { Place, RecordRun, Source, Taker } from './source.ts'
import { createTaking } from './taking.ts'
import { createTelling } from './telling.ts'
import type { TopicIdentity } from './topic-ids.ts'
import { createWriter } from './writer.ts'

export interface IngestOptions {
  readonly source: Source
  readonly topics: readonly string[]
  /** Asks the broker which topics these really are. */
  readonly identity: () => Promise<TopicIdentity>
  readonly registry: Pick<SchemaLookup, 'schemaOf'>
  readonly db: ClickHouseClient
  readonly databases: Databases
  readonly clock: Clock
  readonly log: Log
  readonly metrics: IngestMetrics
  readonly limits?: FlushLimits
  /** False leaves the order rows out, to measure what they cost. Default true. */
  readonly join?: boolean
  /** How often Kafka is told how far this is, in milliseconds. Default 5 000. */
  readonly tellEveryMs?: number
}

export interface Ingest extends Closable {
  /** Resolves while it runs. @throws what it stopped for, or Unavailable while it has not joined the group yet */
  healthy(): Promise<void>
}

const TELL_EVERY_MS = 5 * SECOND

/**
 * Takes every record of the topics into ClickHouse so that the published views show each (topic, partition, offset) exactly once,
 * whatever is killed or away. The truth of how far it is lives in ClickHouse with the data: it is asked at start and after each
 * reassignment, and never remembered across them.
 */
export async function startIngest(options: IngestOptions): Promise<Ingest> {
  const {
    source,
    topics,
    identity,
    registry,
    db,
    databases,
    clock,
    log,
    metrics,
    limits = FLUSH_LIMITS,
    join = true,
    tellEveryMs = TELL_EVERY_MS,
  } = options
  const writer = createWriter(db, databases)
  let generation = 0
  let state: 'starting' | 'reading' | { readonly stoppedFor: unknown } = 'starting'
  let closing = false
  const next = new Map<string, number>()
  const backlog = createBacklog()

  const telling = createTelling({
    async tell() {
      if (failpoints) await failpoints.at('ingest.told.before')
      await source.commit(next)
      if (failpoints) await failpoints.at('ingest.told.after')
    },
    everyMs: tellEveryMs,
    onFailure: (err) => log.debug({ err }, 'the positions were not told to Kafka'),
  })
  const flusher = createFlusher({
    limits,
    join,
    clock,
    behind: () => backlog.records,
    write: (sealed, signal) => writer.write(sealed, signal),
    written(sealed, tookMs) {
      for (const [place, offset] of sealed.next) next.set(place, offset)
      const now = clock.now()
      metrics.written(sealed, tookMs, Math.max(0, now - sealed.oldest))
      metrics.waiting(flusher.waiting)
      telling.moved()
    },
    failed(err, attempt) {
      metrics.flushFailed()
      log.warn({ err, attempt }, 'flush failed, it is repeated')
    },
  })

  /** Repeats what needs ClickHouse or Kafka until it is there, or a newer assignment has taken over. */
  async function persistently<T>(what: string, mine: number, work: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await work()
      } catch (error) {
        if (error instanceof CodedError && !error.retriable) throw error
        if (closing || mine !== generation)
          throw new Unavailable('ASSIGNMENT_OVER', `${what} is no longer asked for`, { cause: error })
        log.warn({ err: error, attempt }, `${what} failed, trying again`)
        await pause(backoffMs(attempt, { capMs: 2_000 }))
      }
    }
  }

  async function assigned(places: readonly Place[]): Promise<ReadonlyMap<string, number>> {
    const mine = ++generation
    // 1. Nothing of before goes on: what waits is dropped, an insert that is on its way ends first.
    await flusher.reset()
    metrics.waiting(flusher.waiting)
    next.clear()
    backlog.clear()
    // 2. Asked anew, as another instance may have taken in more since.
    const { from, holes } = await persistently('reading the positions', mine, async () => {
      await checkTopics(db, databases, await identity(), topics)
      const stored = await storedPositions(db, databases, topics)
      return whereToRead(places, stored, await source.ranges(topics))
    })
    if (failpoints) await failpoints.at('ingest.positions.after')
    for (const hole of holes) {
      metrics.lost(hole.topic, hole.count)
      log.error(hole, 'the log dropped records before they were read: they are missing for good')
    }
    // What another instance took in last it may not have told any more.
    for (const [place, offset] of from) next.set(place, offset)
    telling.moved()
    if (typeof state === 'object') throw state.stoppedFor
    state = 'reading'
    log.info({ places: places.length, generation: mine }, 'reading')
    return from
  }

  const taking = createTaking({ registry, now: () => clock.now(), log, unknown: metrics.unknownField })

  /** The slow way: when there is no room, or a schema must be looked up. */
  async function takeOn(place: Place, run: RecordRun, from: number, alive: () => Promise<void>) {
    const mine = generation
    const over = () => mine !== generation || closing
    if (failpoints) await failpoints.at('ingest.fetched.after')
    for (let i = from; i < run.count && !over(); ) {
      if (flusher.full) {
        await Promise.race([flusher.settled(), pause(SECOND)])
        await alive()
        continue
      }
      i = taking.fill(flusher.batch, place, run, i)
      flusher.added()
      metrics.waiting(flusher.waiting)
      if (i < run.count) await taking.prepare(run, i, over, alive)
    }
  }

  const taker: Taker = {
    assigned,
    take(place, run, alive, behind = 0) {
      if (closing) return
      backlog.told(place, behind)
      if (flusher.full || failpoints) return takeOn(place, run, 0, alive)
      const next = taking.fill(flusher.batch, place, run, 0)
      flusher.added()
      if (next < run.count) return takeOn(place, run, next, alive)
      metrics.waiting(flusher.waiting)
      return
    },
    failed(error) {
      if (closing || (error instanceof Unavailable && error.code === 'ASSIGNMENT_OVER')) return
      state = { stoppedFor: error }
      log.fatal({ err: error }, 'the ingest has stopped')
    },
  }

  await source.start(taker)
  return {
    async healthy() {
      if (typeof state === 'object') throw state.stoppedFor
      if (state === 'starting') throw new Unavailable('INGEST_STARTING', 'the ingest has not been given partitions yet')
    },
    async close() {
      if (closing) return
      closing = true
      await telling.close()
      await source.close()
      await flusher.close()
    },
  }
}
