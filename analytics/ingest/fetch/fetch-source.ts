import { Consumer } from '@platformatic/kafka'
import { SECOND } from '#pipelines/kernel/clock.ts'
import { CodedError, messageOf, Unavailable } from '#pipelines/kernel/errors.ts'
import { backoffMs, pause } from '#pipelines/kernel/lifecycle.ts'
import type { Log } from '#pipelines/kernel/log.ts'
import type { BrokerConnection } from '../broker-connection.ts'
import { type LogRange, type Place, placeKey, type Source, type Taker } from '../source.ts'
import { clientOptions } from './client-options.ts'
import { readPlaces } from './read-places.ts'

export interface FetchSourceOptions {
  readonly connection: BrokerConnection
  readonly groupId: string
  readonly topics: readonly string[]
  readonly log: Log
  /** Least time from one fetch to the next while little comes, in milliseconds: each is an answer about all partitions. Default 25. */
  readonly paceMs?: number
  /** How long a member may be silent before its partitions go to others. Default 10 000: so long an instance
   * that was killed keeps the next one waiting. */
  readonly sessionTimeoutMs?: number
}

/**
 * Reads with fetch requests of its own over the connections of @platformatic/kafka, whose group membership, TLS and logins are used as
 * they are. Records stay bytes: the answer is walked (`record-batches.ts`) and handed over without an object for each.
 */
export function fetchSource(options: FetchSourceOptions): Source {
  const { connection, groupId, topics, log, paceMs = 25, sessionTimeoutMs = 10 * SECOND } = options
  const consumer = new Consumer({
    ...clientOptions(connection),
    groupId,
    autocommit: false,
    sessionTimeout: sessionTimeoutMs,
    heartbeatInterval: Math.round(sessionTimeoutMs / 5),
    rebalanceTimeout: 20 * SECOND,
    retries: 3,
    retryDelay: 200,
  })
  const plain = !connection.ssl && !connection.sasl
  let assignments = 0
  let reading = new AbortController()
  let stopped = false
  let joining: Promise<void> | undefined
  const running = new Set<Promise<void>>()

  function fail(taker: Taker, error: unknown) {
    stopped = true
    reading.abort()
    taker.failed(error)
  }

  /** What was read before is void, and nothing more of it is handed over. */
  function give() {
    assignments++
    reading.abort()
  }

  /** A new assignment: asks where to read from, then reads. One that came meanwhile makes this one void. */
  async function assign(taker: Taker, places: readonly Place[]) {
    give()
    if (stopped) return // the group may well go on giving partitions to one that reads no more
    const mine = assignments
    reading = new AbortController()
    const { signal } = reading
    try {
      // Two never hand over at once: the last loop ends before the next begins.
      await Promise.allSettled(running)
      const from = await taker.assigned(places)
      if (mine !== assignments || stopped) return
      const positions = places.map((place) => ({ ...place, next: from.get(placeKey(place)) ?? 0 }))
      const loop = readPlaces({ consumer, plain, positions, taker, signal, paceMs, log }).then(
        (end) => {
          // The log does not hold what we asked for: the taker decides by the positions and what the log has.
          if (end === 'ask again' && mine === assignments && !stopped) void assign(taker, places)
        },
        (error: unknown) => {
          if (mine === assignments && !stopped) fail(taker, error)
        },
      )
      running.add(loop)
      void loop.finally(() => running.delete(loop))
    } catch (error) {
      if (mine === assignments && !stopped) fail(taker, error)
    }
  }

  /** Joins the group, again and again until it works. The library joins anew by itself after a rebalance, and gives up after a few tries. */
  function join(): Promise<void> {
    joining ??= (async () => {
      for (let attempt = 1; !stopped; attempt++) {
        try {
          await consumer.joinGroup({})
          return
        } catch (error) {
          if (stopped) return
          log.warn({ err: error, attempt }, 'joining the group failed, trying again')
          await pause(backoffMs(attempt, { capMs: 5_000 }))
        }
      }
    })().finally(() => {
      joining = undefined
    })
    return joining
  }

  return {
    async start(taker) {
      try {
        await consumer.metadata({ topics: [...topics], forceUpdate: true })
      } catch (cause) {
        throw new Unavailable(
          'KAFKA_AWAY',
          `no broker of ${connection.brokers.join(', ')} answers: ${messageOf(cause)}`,
          {
            cause,
          },
        )
      }
      consumer.topics.trackAll(...topics)
      consumer.on('consumer:group:join', ({ assignments: given = [] }) => {
        const places = given.flatMap(({ topic, partitions }) => partitions.map((partition) => ({ topic, partition })))
        void assign(taker, places)
      })
      consumer.on('consumer:group:rebalance', give)
      consumer.on('error', (err: unknown) => {
        if (stopped) return
        log.warn({ err }, 'out of the group, joining again')
        give()
        void join()
      })
      void join()
    },

    async commit(next) {
      const offsets = [...next].map(([key, offset]) => {
        const cut = key.lastIndexOf('/')
        return {
          topic: key.slice(0, cut),
          partition: Number(key.slice(cut + 1)),
          offset: BigInt(offset),
          leaderEpoch: -1,
        }
      })
      if (stopped || offsets.length === 0) return
      if (!consumer.isActive()) throw new Unavailable('NOT_IN_GROUP', 'only a member of the group can tell where it is')
      await consumer.commit({ offsets })
    },

    async ranges(names) {
      const asked = { topics: [...names], isolationLevel: 0 }
      const [first, end] = await Promise.all([
        consumer.listOffsets({ ...asked, timestamp: -2n }),
        consumer.listOffsets({ ...asked, timestamp: -1n }),
      ])
      return names.flatMap((topic) =>
        (end.get(topic) ?? []).map((offset, partition): LogRange => {
          const low = first.get(topic)?.[partition]
          if (low === undefined) throw new CodedError('KAFKA_ANSWER', `the broker tells no beginning of ${topic}`)
          return { topic, partition, first: Number(low), end: Number(offset) }
        }),
      )
    },

    async close() {
      stopped = true
      give()
      await Promise.allSettled(running)
      await consumer.close(true).catch((err: unknown) => log.debug({ err }, 'the group was not left in order'))
    },
  }
}
