import type { Closable } from '#pipelines/kernel/lifecycle.ts'

/** A partition of a topic. */
export interface Place {
  readonly topic: string
  readonly partition: number
}

/** The place as a key for maps. */
export function placeKey({ topic, partition }: Place): string {
  return `${topic}/${partition}`
}

/** A record as it lies in the log. */
export interface LogRecord {
  readonly offset: number
  /** Milliseconds, as the producer or the broker wrote it. */
  readonly timestamp: number
  readonly key: Buffer | null
  /** Null for a tombstone. */
  readonly value: Buffer | null
  readonly headers: Readonly<Record<string, unknown>>
}

/**
 * Records of one place in the order of the log, without an object for each: record i has the offset `offsets[i]` and its value lies in
 * `bytes` from `starts[i]` up to `ends[i]`, both -1 for a tombstone. What is in here is good until `take` resolves.
 */
export interface RecordRun {
  readonly count: number
  readonly bytes: Buffer
  readonly offsets: Float64Array
  readonly timestamps: Float64Array
  readonly starts: Int32Array
  readonly ends: Int32Array
  /** One of them whole, in memory of its own: for the few that are put aside. */
  record(index: number): LogRecord
}

/** What a source needs of the one who takes the records in. */
export interface Taker {
  /**
   * Called at start and after each reassignment, with everything this instance now reads: from which offset each place is to be
   * read. What was handed over before is void from here on.
   */
  assigned(places: readonly Place[]): Promise<ReadonlyMap<string, number>>
  /**
   * Records of one place, in order, beginning exactly at the offset asked for, never two calls at once for a place. It resolves
   * when there is room for more, and calls `alive` while it waits; when that throws, the place was lost and the rest is void.
   * `behind` is how many records the place is known to have in the log after these: 0 where the client does not tell.
   */
  take(place: Place, run: RecordRun, alive: () => Promise<void>, behind?: number): Promise<void> | void
  /** The log is not the one that was read before, or the source gave up. Nothing is delivered any more. */
  failed(error: unknown): void
}

/** The range of offsets that a partition holds. */
export interface LogRange extends Place {
  readonly first: number
  /** The offset that the next record will get. */
  readonly end: number
}

/** Reads all topics for one member of a group. Which client it uses is its own affair. */
export interface Source extends Closable {
  start(taker: Taker): Promise<void>
  /** Tells the broker how far we are. For lag tools only: nothing is ever read back. */
  commit(next: ReadonlyMap<string, number>): Promise<void>
  ranges(topics: readonly string[]): Promise<readonly LogRange[]>
}
