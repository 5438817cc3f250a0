import type { Clock } from '#pipelines/kernel/clock.ts'
import { backoffMs, pause } from '#pipelines/kernel/lifecycle.ts'
import { Batch, type Sealed } from './batch.ts'

export interface FlushLimits {
  /** How long a record waits at most for others, in milliseconds: the freshness when little happens. */
  readonly flushMs: number
  /**
   * The same while more than `behindRows` records are known to wait in the log: they are old already, and a large flush costs far less
   * for each. Default 15,000 ms beyond 10,000 records.
   */
  readonly behindMs?: number
  readonly behindRows?: number
  /** Rows that are written at once when there are many. */
  readonly flushRows: number
  /** Bytes of records that are written at once. As many again may wait meanwhile. */
  readonly maxBytes: number
}

export const FLUSH_LIMITS: FlushLimits = {
  flushMs: 200,
  flushRows: 240_000,
  maxBytes: 64 * 1024 * 1024,
}

export interface FlusherOptions {
  readonly limits: FlushLimits
  /** Whether order rows are made. Default true. */
  readonly join?: boolean
  readonly clock: Clock
  /** How many records are known to wait in the log. Default none. */
  readonly behind?: () => number
  /** Writes rows so that they are stored when it resolves. Repeated until it does. */
  readonly write: (sealed: Sealed, signal: AbortSignal) => Promise<void>
  readonly written: (sealed: Sealed, tookMs: number) => void
  readonly failed: (error: unknown, attempt: number) => void
}

/** How long a database that is away may hold up the end. */
const CLOSE_LIMIT_MS = 5_000

/** One flush at a time for everything that was read: while one batch is written, the other is filled. */
export interface Flusher {
  /** What is read goes in here. Another one after each flush that began. */
  readonly batch: Batch
  readonly full: boolean
  /** Rows that were added and are not stored yet, those of the flush that runs included. */
  readonly waiting: number
  /** To be called when rows were added. */
  added(): void
  /** Resolves after the flush that runs, or the next. */
  settled(): Promise<void>
  /** Drops what waits and stops repeating a flush that fails. Resolves when no insert is on its way any more. */
  reset(): Promise<void>
  /** Writes what waits, once, then ends. */
  close(): Promise<void>
}

export function createFlusher({
  limits,
  join = true,
  clock,
  behind = () => 0,
  write,
  written,
  failed,
}: FlusherOptions): Flusher {
  let batch = new Batch(join)
  let spare = new Batch(join)
  let flushing: Promise<void> | undefined
  let onTheirWay = 0
  let timer: NodeJS.Timeout | undefined
  let turn = new AbortController()
  let closed = false
  let settling: PromiseWithResolvers<void> | undefined

  const { behindMs = 15_000, behindRows = 10_000 } = limits
  const isFull = () => batch.rows >= limits.flushRows || batch.bytes >= limits.maxBytes

  /** Begins a flush when it is time, or sets the timer for when it will be. */
  function consider() {
    if (flushing || batch.since === undefined || closed) return
    const mostMs = behind() > behindRows ? Math.max(behindMs, limits.flushMs) : limits.flushMs
    const waitMs = isFull() ? 0 : batch.since + mostMs - clock.now()
    if (waitMs <= 0) begin()
    // Looked at again soon even while behind: what was behind may have come meanwhile, and then nobody else says so.
    else timer ??= setTimeout(onTimer, Math.min(waitMs, limits.flushMs))
  }

  function onTimer() {
    timer = undefined
    consider()
  }

  function begin() {
    clearTimeout(timer)
    timer = undefined
    const { signal } = turn
    const full = batch
    batch = spare
    onTheirWay = full.rows
    flushing = flush(full.seal(), signal).finally(() => {
      onTheirWay = 0
      full.clear()
      spare = full
      flushing = undefined
      settling?.resolve()
      settling = undefined
      consider()
    })
  }

  /** Until it is written or the turn is over. The same bytes each time: repeating changes nothing. */
  async function flush(sealed: Sealed, signal: AbortSignal) {
    for (let attempt = 1; !signal.aborted; attempt++) {
      const began = clock.now()
      try {
        await write(sealed, signal)
        onTheirWay = 0
        written(sealed, clock.now() - began)
        return
      } catch (error) {
        if (signal.aborted) return
        failed(error, attempt)
        await pause(backoffMs(attempt, { baseMs: 100, capMs: 5_000 }), signal)
      }
    }
  }

  return {
    get batch() {
      return batch
    },
    get full() {
      return isFull()
    },
    get waiting() {
      return batch.rows + onTheirWay
    },
    added: consider,
    settled() {
      settling ??= Promise.withResolvers<void>()
      consider()
      return settling.promise
    },
    async reset() {
      turn.abort()
      turn = new AbortController()
      batch.clear()
      clearTimeout(timer)
      timer = undefined
      await flushing
    },
    async close() {
      if (closed) return
      closed = true
      clearTimeout(timer)
      const { signal } = turn
      await Promise.race([flushing, pause(CLOSE_LIMIT_MS)])
      if (batch.rows > 0 && !flushing) {
        const sealed = batch.seal()
        const began = clock.now()
        await write(sealed, AbortSignal.any([signal, AbortSignal.timeout(CLOSE_LIMIT_MS)])).then(
          () => written(sealed, clock.now() - began),
          (error: unknown) => failed(error, 1), // it will be read again
        )
      }
      turn.abort()
      await flushing
    },
  }
}
