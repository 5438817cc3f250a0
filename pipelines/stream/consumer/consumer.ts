import { consumedTopics } from '#pipelines/flow/bindings.ts'
import type { Part } from '#pipelines/flow/map.ts'
import { CodedError } from '#pipelines/kernel/errors.ts'
import { failpoints } from '#pipelines/kernel/failpoint.ts'
import type { Subscription } from '../binders/types.ts'
import { type Assignment, createAssignment } from './assignment.ts'
import { recordHandling } from './handling.ts'
import { createHousekeeping } from './housekeeping.ts'
import { createLimiter } from './limiter.ts'
import { consumerMetrics, noConsumerMetrics } from './metrics.ts'
import { createOutage } from './outage.ts'
import { recordSettling } from './settle.ts'
import type { Consumer, ConsumerOptions, Tuning } from './types.ts'
import { createWatch } from './watch.ts'

export const consumerMigrations = `${import.meta.dirname}/../migrations`

/**
 * The consumer of a part: reads every topic the map gives it, in the group of its name. Order per key is kept while keys run side by side; the inbox
 * row, the effect and the published events of a record are one transaction; its position is committed after it.
 */
export function createConsumer<P extends Part>(part: P, options: ConsumerOptions<P>): Consumer {
  const { binder, database, metrics: registry } = options
  const log = options.log.child({ group: part })
  const tuning = tuningOf(options)
  const topics = consumedTopics(part)
  let subscription: Subscription | undefined
  let assignment: Assignment | undefined
  let commitTimer: NodeJS.Timeout | undefined
  let isClosing = false
  let hasJoined = false
  /** When partitions were last given up after having been had, by the monotonic clock; undefined before the first join. */
  let leftAt: number | undefined

  const metrics = registry ? consumerMetrics(registry, () => assignment?.queues ?? []) : noConsumerMetrics
  const outage = createOutage((error) => {
    if (error) log.warn({ err: error }, 'waiting for what is away')
    else log.info('it is back, going on')
  })
  const handle = recordHandling(part, { ...options, log })
  const watch = createWatch({
    stallMs: tuning.stallMs,
    assignment: () => (outage.code === undefined ? assignment : undefined),
    lag: () => binder.lag(part, topics),
    onStall(facts) {
      log.error(facts, 'lag without progress: joining anew')
      void restart()
    },
  })
  const housekeeping = createHousekeeping({ database, consumer: part, keepInboxMs: tuning.keepInboxMs, log })

  function subscribe() {
    const limiter = createLimiter(tuning.concurrency) // a handler that hangs keeps its place, so a restart needs new ones
    const settle = recordSettling({ consumer: part, database, handle, outage, limiter, metrics, log, tuning })
    subscription = binder.subscribe({
      group: part,
      topics,
      subscriber: {
        onAssigned(partitions) {
          hasJoined = true
          assignment?.end()
          outage.forget() // the records that were to find out that it is over may be somebody else's now
          assignment = createAssignment(partitions, {
            consumer: part,
            database,
            subscription: () => subscription as Subscription,
            settle,
            outage,
            tuning,
            onProgress: commitSoon,
          })
          log.info({ partitions: partitions.length }, 'assigned')
        },
        onRevoked() {
          if (hasJoined) leftAt = performance.now()
          hasJoined = false
          assignment?.end()
          void commitNow() // what was finished need not be delivered again; if it is too late for that, the inbox knows
          assignment = undefined
        },
        onRecords: (batch) => assignment?.take(batch),
      },
    })
  }

  function commitSoon() {
    commitTimer ??= setTimeout(() => {
      commitTimer = undefined
      void commitNow()
    }, tuning.commitEveryMs)
  }

  /** Always after the handlers' commits: a position that ran ahead would lose what lies between. */
  async function commitNow() {
    const [from, to] = [assignment, subscription]
    const positions = from?.uncommitted() ?? []
    if (!from || !to || positions.length === 0) return
    try {
      if (failpoints) await failpoints.at('offsets.commit.before')
      await to.commit(positions)
      if (failpoints) await failpoints.at('offsets.commit.after')
      from.committed(positions)
    } catch (error) {
      log.debug({ err: error }, 'positions were not committed')
      if (from === assignment && !isClosing) commitSoon()
    }
  }

  /** A rebalance takes the partitions of every member: were all unready for it, one that comes or goes would take the whole service away. */
  function isRejoining(): boolean {
    return leftAt !== undefined && performance.now() - leftAt < tuning.rejoinMs
  }

  async function restart() {
    const old = subscription
    assignment?.end()
    hasJoined = false
    await old?.close().catch((error) => log.warn({ err: error }, 'the old subscription did not close'))
    if (!isClosing) subscribe()
  }

  return {
    start() {
      if (subscription) return
      subscribe()
      watch.start()
      housekeeping.start()
    },

    status() {
      const queues = assignment?.queues ?? []
      const reason = outage.code ?? watch.stalledBy() ?? (hasJoined ? undefined : 'NOT_ASSIGNED')
      return {
        ready: (hasJoined || isRejoining()) && watch.stalledBy() === undefined,
        reason,
        partitions: queues.length,
        lag: queues.reduce((sum, queue) => sum + queue.lag, 0),
      }
    },

    async close() {
      if (isClosing) return
      isClosing = true
      watch.close()
      await housekeeping.close()
      clearTimeout(commitTimer)
      const last = assignment
      last?.end() // 1. Begin nothing more, finish what is in flight.
      if (last && !(await last.drained(tuning.drainMs))) log.warn('not everything in flight came to its end')
      await commitNow() // 2. Remember how far it got.
      await last?.signOff().catch((error) => log.debug({ err: error }, 'could not sign off'))
      await subscription?.close() // 3. Leave the group, so that others take over at once.
    },
  }
}

function tuningOf<P extends Part>({ tuning = {}, database }: ConsumerOptions<P>): Tuning {
  const pool = database.pool.options.max ?? 10
  const filled = {
    concurrency: Math.max(1, Math.min(8, Math.floor(pool * 0.6))),
    maxUnfinished: 64,
    maxAttempts: 5,
    backoffMs: 200,
    backoffCapMs: 10_000,
    commitEveryMs: 200,
    stallMs: 30_000,
    rejoinMs: 10_000,
    drainMs: 10_000,
    keepInboxMs: 7 * 24 * 60 * 60_000,
    ...tuning,
  }
  if (filled.concurrency < 1 || filled.maxUnfinished < 1 || filled.maxAttempts < 1) {
    throw new CodedError('CONSUMER_TUNING', 'concurrency, maxUnfinished and maxAttempts must be at least 1')
  }
  return filled
}
