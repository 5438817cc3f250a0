import { setMaxListeners } from 'node:events'
import type { Database } from '#pipelines/kernel/database.ts'
import { pause } from '#pipelines/kernel/lifecycle.ts'
import type { Position, RecordBatch, Subscription, TopicPartition } from '../binders/types.ts'
import { beginPartition, endPartitions } from './attempts.ts'
import { createLanes } from './lanes.ts'
import { createLimiter } from './limiter.ts'
import type { Outage } from './outage.ts'
import { type Entry, PartitionQueue } from './partition-queue.ts'
import type { Settling } from './settle.ts'
import type { Tuning } from './types.ts'
import { verdictOf } from './verdict.ts'

export interface AssignmentOptions {
  readonly consumer: string
  readonly database: Database
  readonly subscription: () => Pick<Subscription, 'pause' | 'resume'>
  readonly settle: (settling: Settling, signal: AbortSignal) => Promise<boolean>
  readonly outage: Outage
  readonly tuning: Tuning
  readonly onProgress: () => void
}

/** The partitions a consumer has between two rebalances, and the work on them. */
export interface Assignment {
  readonly queues: readonly PartitionQueue[]
  take(batch: RecordBatch): void
  /** What can be committed and is not yet. */
  uncommitted(): readonly Position[]
  committed(positions: readonly Position[]): void
  /** Begins nothing more. What is in flight goes on to its end, and is delivered again to whoever has the partition next. */
  end(): void
  /** Resolves when nothing is in flight, or after `limitMs`, with whether all came to its end. */
  drained(limitMs: number): Promise<boolean>
  /** Leaves word in the database that this was a shutdown, not a crash. */
  signOff(): Promise<void>
  /** Partitions with something to do, and nothing on purpose waiting at their front. */
  expectedToMove(): readonly PartitionQueue[]
}

interface PartitionState {
  readonly queue: PartitionQueue
  attempts: ReadonlyMap<string, number>
  /** Up to this offset a record may be what killed the process before. */
  suspectUntil: bigint | undefined
  begun: 'no' | 'beginning' | 'yes'
  isPaused: boolean
}

export function createAssignment(partitions: readonly TopicPartition[], options: AssignmentOptions): Assignment {
  const { consumer, database, settle, outage, tuning } = options
  const ending = new AbortController()
  setMaxListeners(0, ending.signal)
  const states = new Map(partitions.map((each) => [placeOf(each), newState(each, tuning.maxUnfinished)] as const))
  const waiting = new Set<Entry>()
  const oneSuspectAtATime = createLimiter(1)
  let inFlight = 0

  const lanes = createLanes<{ state: PartitionState; entry: Entry }>(async ({ state, entry }) => {
    if (ending.signal.aborted) return
    inFlight += 1
    const { record } = entry
    const isSuspect = state.suspectUntil !== undefined && BigInt(record.offset) < state.suspectUntil
    const settling: Settling = {
      record,
      attempts: state.attempts.get(record.offset) ?? 0,
      isSuspect,
      waiting: (is) => void (is ? waiting.add(entry) : waiting.delete(entry)),
    }
    const work = () => settle(settling, ending.signal)
    // Suspects go one at a time in the whole consumer, so that a crash is laid to the right one.
    const isFinished = await (isSuspect ? oneSuspectAtATime.run(work) : work())
    waiting.delete(entry)
    inFlight -= 1
    if (!isFinished) return
    state.queue.finish(entry)
    options.onProgress()
    moveOn(state)
  })

  function moveOn(state: PartitionState) {
    if (ending.signal.aborted || state.begun !== 'yes') return
    for (const entry of state.queue.begin()) lanes.add(laneOf(entry), { state, entry })
    if (state.isPaused && state.queue.unfinished <= tuning.maxUnfinished / 2) {
      state.isPaused = false
      options.subscription().resume([state.queue])
    }
  }

  /** Learns what happened here before, then lets the first records go. */
  async function begin(state: PartitionState, from: string) {
    state.begun = 'beginning'
    inFlight += 1
    while (!ending.signal.aborted) {
      try {
        const { topic, partition } = state.queue
        const history = await beginPartition(database, consumer, { topic, partition, offset: from })
        state.attempts = history.attempts
        if (history.starts > 1) state.suspectUntil = BigInt(from) + BigInt(tuning.maxUnfinished)
        state.begun = 'yes'
        outage.over()
        break
      } catch (error) {
        const verdict = verdictOf(error)
        if (verdict.kind === 'outage') outage.begin(verdict.error)
        await pause(tuning.backoffMs, ending.signal)
      }
    }
    inFlight -= 1
    moveOn(state)
  }

  return {
    queues: [...states.values()].map(({ queue }) => queue),

    take(batch) {
      const state = states.get(placeOf(batch))
      if (!state || ending.signal.aborted) return
      state.queue.add(batch.records)
      state.queue.endOffset = Number(batch.endOffset)
      if (state.begun === 'no') void begin(state, batch.records[0]?.offset ?? '0')
      moveOn(state)
      if (!state.isPaused && state.queue.isFull) {
        state.isPaused = true
        options.subscription().pause([state.queue])
      }
    },

    uncommitted: () =>
      [...states.values()].flatMap(({ queue }) => {
        const { topic, partition, position, committed } = queue
        return position === undefined || position === committed ? [] : [{ topic, partition, offset: position }]
      }),

    committed(positions) {
      for (const position of positions) {
        const state = states.get(placeOf(position))
        if (state) state.queue.committed = position.offset
      }
    },

    end: () => ending.abort(),

    async drained(limitMs) {
      const until = performance.now() + limitMs
      while (inFlight > 0 && performance.now() < until) await pause(10)
      return inFlight === 0
    },

    async signOff() {
      const begun = [...states.values()].filter(({ begun }) => begun === 'yes').map(({ queue }) => queue)
      await endPartitions(database, consumer, begun)
    },

    expectedToMove: () =>
      [...states.values()].flatMap(({ queue, begun }) =>
        queue.oldest === undefined || waiting.has(queue.oldest) || begun !== 'yes' ? [] : [queue],
      ),
  }
}

function newState({ topic, partition }: TopicPartition, maxUnfinished: number): PartitionState {
  const queue = new PartitionQueue(topic, partition, maxUnfinished)
  return { queue, attempts: new Map(), suspectUntil: undefined, begun: 'no', isPaused: false }
}

function placeOf({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`
}

/** Records of one key of one topic go one after the other. Without a key nothing is promised, so each is a lane of its own. */
function laneOf({ record: { topic, partition, key, offset } }: Entry): string {
  return key === undefined ? `${topic}/${partition}@${offset}` : `${topic}/${partition}/${key}`
}
