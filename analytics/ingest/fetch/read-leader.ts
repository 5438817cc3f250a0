import type { ClusterMetadata } from '@platformatic/kafka'
import { CodedError } from '#pipelines/kernel/errors.ts'
import { pause } from '#pipelines/kernel/lifecycle.ts'
import type { Place } from '../source.ts'
import { BatchCorrupt } from './batch-corrupt.ts'
import { type AnswerMemory, type FetchConnection, libraryConnection, socketConnection } from './fetch-connection.ts'
import { type FetchedPlace, fetchPlaces } from './fetch-request.ts'
import type { Position, ReadPlacesOptions } from './read-places.ts'
import { type Walked, walkBatches } from './record-batches.ts'
import type { RunLists } from './run-builder.ts'
import { type Asked, learn, sharesOf, UNKNOWN } from './shares.ts'

/** A position and what is known of its place. */
interface Reading extends Place, Asked {
  readonly position: Position
}

const MAX_WAIT_MS = 500
/** What is shared out among the places of one answer, and what it may be at most, as no batch comes in pieces. */
const SHARED_BYTES = 8 * 1024 * 1024
const MOST_BYTES = 64 * 1024 * 1024
/** Below this an answer is little, and the next fetch waits. */
const LITTLE_BYTES = 256 * 1024
/** A damaged batch is fetched so often again, as it may be the wire's fault, before it is the log's. */
const CORRUPT_TRIES = 5

/** Kafka's error codes. */
const OUT_OF_RANGE = 1
/** Not the leader any more, not yet, or unknown while a topic is being made: metadata will say. */
const MOVED: ReadonlySet<number> = new Set([3, 5, 6, 9, 74, 75, 78])
/** The topic of this id is gone. */
const UNKNOWN_ID: ReadonlySet<number> = new Set([100, 103])
const ID_TRIES = 10

/** Reads what one broker leads, over a connection for this alone. */
export async function readLeader(
  options: ReadPlacesOptions,
  until: AbortSignal,
  metadata: ClusterMetadata,
  leader: number,
  positions: readonly Position[],
): Promise<'ask again' | 'moved'> {
  const broker = metadata.brokers.get(leader)
  if (!broker) return 'moved' // nobody leads these for now
  const connection = options.plain
    ? await socketConnection(broker, { limitMs: options.limitMs })
    : libraryConnection(await options.consumer.connections.get(broker))
  try {
    return await readOver(connection, options, until, metadata, positions)
  } finally {
    await connection.close()
  }
}

/** `until` ends the fetching only: what was fetched is still handed over, unless `signal` says it is void. */
async function readOver(
  connection: FetchConnection,
  { taker, signal, paceMs }: ReadPlacesOptions,
  until: AbortSignal,
  metadata: ClusterMetadata,
  positions: readonly Position[],
): Promise<'ask again' | 'moved'> {
  const ids = new Map([...metadata.topics].map(([topic, { id }]) => [topic, id]))
  const reads = positions.map((position): Reading => ({ ...position, ...UNKNOWN, position }))
  const byKey = new Map(reads.map((read) => [`${ids.get(read.topic)}/${read.partition}`, read]))
  const alive = async () => {
    if (signal.aborted) throw new CodedError('ASSIGNMENT_OVER', 'the partition is read by another', { retriable: true })
  }
  // One answer is read while the next one comes.
  const memories: readonly AnswerMemory[] = [{ bytes: Buffer.alloc(0) }, { bytes: Buffer.alloc(0) }]
  const spare: RunLists[] = []
  let turn = 0
  let corrupt = 0
  let unknown = 0

  /** Partitions in turn, as a broker fills its answer from the first: none waits for ever behind others, and one batch larger than its share gets through. */
  const fetch = async () => {
    const memory = memories[turn % 2] as AnswerMemory
    const from = turn++ % reads.length
    const shares = sharesOf([...reads.slice(from), ...reads.slice(0, from)], SHARED_BYTES)
    const asked = shares.map(({ place: { topic, partition, next, position }, bytes }) => ({
      topicId: ids.get(topic) ?? '',
      partition,
      offset: next,
      lastEpoch: position.epoch ?? -1,
      maxBytes: bytes,
    }))
    const maxBytes = Math.min(
      MOST_BYTES,
      shares.reduce((sum, { bytes }) => sum + bytes, 0),
    )
    return await fetchPlaces(connection, asked, { maxWaitMs: MAX_WAIT_MS, maxBytes }, memory)
  }

  let began = Date.now()
  let coming = fetch()
  while (!until.aborted) {
    const answer = await orAborted(coming, until)
    if (!answer) break
    if (answer.error !== 0) throw new TypeError(`fetch failed with code ${answer.error}`)
    const found: { read: Reading; walked: Walked }[] = []
    let moved = false
    let failure: unknown
    let retry = false
    for (const place of answer.places) {
      const read = byKey.get(`${place.topicId}/${place.partition}`)
      if (!read) continue
      const { position } = read
      if (place.error === OUT_OF_RANGE) return 'ask again'
      if (UNKNOWN_ID.has(place.error) && ++unknown > ID_TRIES) return 'ask again'
      if (place.error !== 0) {
        if (!MOVED.has(place.error) && !UNKNOWN_ID.has(place.error))
          failure = new TypeError(`fetching ${position.topic}/${position.partition} failed with code ${place.error}`)
        moved = true
        continue
      }
      if (place.divergesAt !== undefined) {
        failure = diverged(position, place.divergesAt)
        continue
      }
      read.end = place.end
      if (place.batches.length === 0) {
        learn(read, { bytes: 0, records: 0, largest: 0 })
        continue
      }
      try {
        const walked = walkBatches(place.batches, { from: position.next, aborted: place.aborted, spare })
        const { next, largest, epoch } = walked
        learn(read, { bytes: place.batches.length, records: next - position.next, largest })
        position.next = read.next = next
        if (epoch >= 0) position.epoch = epoch
        found.push({ read, walked })
        corrupt = 0
      } catch (error) {
        if (!(error instanceof BatchCorrupt) || ++corrupt >= CORRUPT_TRIES) failure = withPlace(error, position, place)
        else retry = true
      }
    }
    // The next answer comes while this one is decoded; but when there is little, a moment later, as each answer is about all partitions.
    const much = answer.bytes > LITTLE_BYTES
    if (much && !moved && !retry) {
      began = Date.now()
      coming = fetch()
      coming.catch(() => {}) // seen when it is awaited
    }
    for (const { read, walked } of found) {
      for (const run of walked.runs) {
        if (signal.aborted) return 'moved'
        const behind = Math.max(0, read.end - 1 - (run.offsets[run.count - 1] as number))
        const waiting = taker.take(read.position, run, alive, behind)
        if (waiting) await waiting
      }
      spare.push(...walked.lists)
    }
    // Only now: positions have moved past what was found, so it had to be handed over first.
    if (failure) throw failure
    if (moved) return 'moved'
    if (!much || retry) {
      const wait = began + paceMs - Date.now()
      if (wait > 0) await pause(wait, until)
      began = Date.now()
      coming = fetch()
    }
  }
  coming.catch(() => {})
  return 'moved'
}

/** A leader that lost records was elected, and wrote others under their offsets. */
function diverged({ topic, partition, next }: Position, from: number): CodedError {
  return new CodedError(
    'LOG_DIVERGED',
    `${topic}/${partition} was read up to ${next}, but its log is another one from ${from} on: a leader that had lost records was elected. What analytics has of them is not in Kafka any more`,
    { facts: { topic, partition, next, from } },
  )
}

function withPlace(error: unknown, { topic, partition, next }: Position, { batches }: FetchedPlace): unknown {
  if (!(error instanceof BatchCorrupt)) return error
  return new CodedError(error.code, `${topic}/${partition} at offset ${next}: ${error.message}`, {
    facts: { ...error.facts, topic, partition, next, bytes: batches.length },
    cause: error,
  })
}

/** Nothing when the signal came first: a fetch may wait long at the broker. */
async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>()
  const over = () => resolve(undefined)
  signal.addEventListener('abort', over, { once: true })
  try {
    return await Promise.race([work, promise])
  } finally {
    signal.removeEventListener('abort', over)
  }
}
