import type { ClusterMetadata, Consumer } from '@platformatic/kafka'
import { CodedError, Unavailable } from '#pipelines/kernel/errors.ts'
import { backoffMs, pause } from '#pipelines/kernel/lifecycle.ts'
import type { Log } from '#pipelines/kernel/log.ts'
import type { Place, Taker } from '../source.ts'
import { readLeader } from './read-leader.ts'

/** A place and the offset that comes next. */
export interface Position extends Place {
  next: number
  /** The epoch of the leader that wrote the record before, as far as it was read here. */
  epoch?: number
}

export interface ReadPlacesOptions {
  readonly consumer: Pick<Consumer, 'metadata' | 'connections'>
  /** Whether the brokers want neither TLS nor a login: then a plain socket does. */
  readonly plain: boolean
  readonly positions: readonly Position[]
  readonly taker: Taker
  /** Ends it: nothing is handed over after. */
  readonly signal: AbortSignal
  readonly paceMs: number
  readonly log: Log
  /** How long a broker may be silent while it is asked, in milliseconds. Default 15 000. */
  readonly limitMs?: number | undefined
}

/**
 * Reads places from their positions on until the signal ends it, one loop per leader. Resolves with 'ask again' when the log does not hold
 * the position any more or the topic is another one.
 * @throws BatchCorrupt, CodedError
 */
export async function readPlaces(options: ReadPlacesOptions): Promise<'ask again' | 'over'> {
  const { consumer, positions, signal, log } = options
  const topics = [...new Set(positions.map(({ topic }) => topic))]
  if (topics.length === 0) return 'over'
  for (let attempt = 1; !signal.aborted; attempt++) {
    const began = Date.now()
    try {
      const metadata = await consumer.metadata({ topics, forceUpdate: true })
      // Until a leader is another one: then all loops end, and begin anew with what metadata says.
      const round = new AbortController()
      const until = AbortSignal.any([signal, round.signal])
      const byLeader = Map.groupBy(positions, ({ topic, partition }) => leaderOf(metadata, { topic, partition }))
      const loops = [...byLeader].map(([leader, own]) =>
        readLeader(options, until, metadata, leader, own).finally(() => round.abort()),
      )
      const ends = await Promise.allSettled(loops)
      for (const end of ends) if (end.status === 'rejected') throw end.reason
      if (ends.some((end) => end.status === 'fulfilled' && end.value === 'ask again')) return 'ask again'
    } catch (error) {
      // A broker that does not answer is waited for, as one that refuses connections; else a pause of 15 s would end the reading for good.
      if (error instanceof CodedError && !(error instanceof Unavailable)) throw error
      if (!signal.aborted) log.warn({ err: error, attempt }, 'reading failed, trying again')
    }
    if (Date.now() - began > 10_000) attempt = 1
    await pause(backoffMs(attempt, { baseMs: 50, capMs: 2_000 }), signal)
  }
  return 'over'
}

function leaderOf(metadata: ClusterMetadata, { topic, partition }: Place): number {
  return metadata.topics.get(topic)?.partitions[partition]?.leader ?? -1
}
