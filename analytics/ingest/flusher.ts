import type { Clock } from '#pipelines/kernel/clock.ts'
import { backoffMs, pause } from '#pipelines/kernel/lifecycle.ts'
import { createBuffer } from './buffer.ts'
import type { Entry } from './entry.ts'

export interface FlushLimits {
  /** How long a record waits at most for others, in milliseconds: the freshness when little happens. */
  readonly flushMs: number
  /** Rows that are written at once when there are many. */
  readonly flushRows: number
  /** Bytes of JSON that may wait. Beyond it, reading pauses. */
  readonly maxBytes: number
}

export const FLUSH_LIMITS: FlushLimits = { flushMs: 200, flushRows: 50_000, maxBytes: 64 * 1024 * 1024 }

export interface FlusherOptions {
  readonly limits: FlushLimits
  readonly clock: Clock
  /** Writes entries so that they are stored when it resolves. Repeated until it does. */
  readonly write: (entries: readonly Entry[], signal: AbortSignal) => Promise<void>
  readonly written: (entries: readonly Entry[], tookMs: number) => void
  readonly failed: (error: unknown, attempt: number) => void
}

/** How long a database that is away may hold up the end. */
const CLOSE_LIMIT_MS = 5_000

/** One flush at a time for everything that was read. */
export interface Flusher {
  readonly full: boolean
  readonly rows: number
  add(entry: Entry): void
  /** Resolves after the flush that runs, or the next. */
  settled(): Promise<void>
  /** Drops what waits and stops repeating a flush that fails. Resolves when no insert is on its way any more. */
  reset(): Promise<void>
  /** Writes what waits, once, then ends. */
  close(): Promise<void>
}

export function createFlusher({ limits, clock, write, written, failed }: FlusherOptions): Flusher {
  const buffer = createBuffer(() => clock.now())
  let flushing: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined
  let turn = new AbortController()
  let closed = false
  let settling: PromiseWithResolvers<void> | undefined

  const isFull = () => buffer.bytes >= limits.maxBytes || buffer.rows >= 4 * limits.flushRows

  /** Begins a flush when it is time, or sets the timer for when it will be. */
  function consider() {
    if (flushing || buffer.since === undefined || closed) return
    const waitMs = buffer.rows >= limits.flushRows || isFull() ? 0 : buffer.since + limits.flushMs - clock.now()
    if (waitMs <= 0) begin()
    else timer ??= setTimeout(onTimer, waitMs)
  }

  function onTimer() {
    timer = undefined
    consider()
  }

  function begin() {
    clearTimeout(timer)
    timer = undefined
    const { signal } = turn
    flushing = flush(buffer.drain(), signal).finally(() => {
      flushing = undefined
      settling?.resolve()
      settling = undefined
      consider()
    })
  }

  /** Until it is written or the turn is over. The same entries each time, in the same order: repeating changes nothing. */
  async function flush(entries: readonly Entry[], signal: AbortSignal) {
    for (let attempt = 1; !signal.aborted; attempt++) {
      const began = clock.now()
      try {
        await write(entries, signal)
        written(entries, clock.now() - began)
        return
      } catch (error) {
        if (signal.aborted) return
        failed(error, attempt)
        await pause(backoffMs(attempt, { baseMs: 100, capMs: 5_000 }), signal)
      }
    }
  }

  return {
    get full() {
      return isFull()
    },
    get rows() {
      return buffer.rows
    },
    add(entry) {
      buffer.add(entry)
      consider()
    },
    settled() {
      settling ??= Promise.withResolvers<void>()
      consider()
      return settling.promise
    },
    async reset() {
      turn.abort()
      turn = new AbortController()
      buffer.drain()
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
      const rest = buffer.drain()
      if (rest.length > 0 && !flushing) {
        const began = clock.now()
        await write(rest, AbortSignal.any([signal, AbortSignal.timeout(CLOSE_LIMIT_MS)])).then(
          () => written(rest, clock.now() - began),
          (error: unknown) => failed(error, 1), // it will be read again
        )
      }
      turn.abort()
      await flushing
    },
  }
}

/**
 * Writes what it can and finds the record that the database refuses by halving; that one becomes a dead letter. In order, so that what
 * is stored stays without holes.
 */
export async function writeAround(
  entries: readonly Entry[],
  {
    write,
    refuses,
    dead,
  }: {
    readonly write: (entries: readonly Entry[]) => Promise<void>
    readonly refuses: (error: unknown) => boolean
    readonly dead: (entry: Entry, error: unknown) => Entry
  },
): Promise<void> {
  try {
    await write(entries)
  } catch (error) {
    const [only] = entries
    if (!refuses(error) || !only) throw error
    if (entries.length === 1) {
      await write([dead(only, error)])
      return
    }
    const half = Math.ceil(entries.length / 2)
    await writeAround(entries.slice(0, half), { write, refuses, dead })
    await writeAround(entries.slice(half), { write, refuses, dead })
  }
}
