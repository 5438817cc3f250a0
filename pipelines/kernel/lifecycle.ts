import { CodedError } from './errors.ts'

/** Something that holds a connection, a timer or a process. `close` finishes what is in flight and may be called twice. */
export interface Closable {
  close(): Promise<void>
}

/** Closes what was opened, newest first, once; every part gets its turn even if one fails. */
export function closer(): Closable & { add<T extends Closable>(part: T): T } {
  const parts: Closable[] = []
  let closing: Promise<void> | undefined
  async function closeAll() {
    const failures: unknown[] = []
    for (const part of parts.reverse()) await part.close().catch((error) => failures.push(error))
    if (failures.length > 0)
      throw new CodedError('CLOSE_FAILED', 'not everything closed cleanly', { cause: new AggregateError(failures) })
  }
  return {
    add(part) {
      parts.push(part)
      return part
    },
    close: () => (closing ??= closeAll()),
  }
}

/** The longest way down of a service: a call to a provider (15 s), the events in hand (10 s), the last of the outbox (2 s). */
const CLOSE_LIMIT_MS = 30_000

/**
 * Runs a program until SIGINT, SIGTERM or the end of its parent, then closes it within `limitMs` and exits: 0 after SIGINT or SIGTERM
 * handled cleanly, 1 if closing failed or took too long, or if something was thrown that nobody caught.
 */
export function runUntilSignal(
  program: Closable,
  {
    limitMs = CLOSE_LIMIT_MS,
    log,
  }: { limitMs?: number; log: { info(o: object, m: string): void; fatal(o: object, m: string): void } },
): void {
  let stopping = false
  const stop = async (reason: string, code: number, error?: unknown) => {
    if (stopping) return
    stopping = true
    if (error === undefined) log.info({ reason }, 'stopping')
    else log.fatal({ err: error }, 'stopping after an error that nobody caught')
    const timer = setTimeout(() => {
      log.fatal({ limitMs }, 'closing took too long')
      process.exit(1)
    }, limitMs)
    timer.unref()
    try {
      await program.close()
      process.exit(code)
    } catch (failure) {
      log.fatal({ err: failure }, 'closing failed')
      process.exit(1)
    }
  }
  process.on('SIGINT', () => void stop('SIGINT', 0))
  process.on('SIGTERM', () => void stop('SIGTERM', 0))
  process.on('disconnect', () => void stop('parent is gone', 0))
  process.on('uncaughtException', (error) => void stop('uncaughtException', 1, error))
  process.on('unhandledRejection', (error) => void stop('unhandledRejection', 1, error))
}

/** Waits, but wakes when the signal aborts. Resolves in both cases; at the next turn where the time is over already. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, Math.max(0, ms)) // Node warns of a negative one
    signal?.addEventListener('abort', done, { once: true })
  })
}

/** Exponential backoff with full jitter below the cap. `attempt` counts from 1. Milliseconds. */
export function backoffMs(
  attempt: number,
  {
    baseMs = 200,
    capMs = 10_000,
    random = Math.random,
  }: { baseMs?: number; capMs?: number; random?: () => number } = {},
): number {
  const ceiling = Math.min(capMs, baseMs * 2 ** Math.min(attempt - 1, 30))
  return Math.round(ceiling / 2 + (random() * ceiling) / 2)
}
