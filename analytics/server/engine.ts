import { mkdir } from 'node:fs/promises'
import type { Closable } from '#pipelines/kernel/lifecycle.ts'
import { type Connection, loadNative, type NativeResult } from './native.ts'

/** What is said on a fresh connection: the prelude sets it up, the statement answers. */
export interface Statement {
  /** `USE`, `SET`, parameters; empty for none. */
  readonly prelude: string
  readonly sql: string
  /** The output format unless the statement names one. */
  readonly format: string
}

/** Runs statements. */
export interface Runner {
  /** The whole answer at once. */
  run(statement: Statement): Promise<NativeResult>
  /** The answer in blocks, fetched as they are taken. Only for formats whose blocks can be joined. */
  stream(statement: Statement): AsyncGenerator<Buffer>
}

/** A connection that is kept: what SET and temporary tables did lasts. One statement at a time. */
export interface Kept extends Runner, Closable {}

export interface Engine extends Runner, Closable {
  readonly version: string
  keep(): Kept
  /** Stops statements whose `log_comment` is the tag. They end with QUERY_WAS_CANCELLED. */
  kill(tag: string): Promise<void>
}

/** ClickHouse text literal. */
export function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}

/** ClickHouse identifier. */
export function quoteName(name: string): string {
  return `\`${name.replaceAll('\\', '\\\\').replaceAll('`', '\\`')}\``
}

/**
 * Opens the embedded ClickHouse over its data directory. Each statement gets a connection of its own: settings, parameters and a
 * failed statement's leftover output live in a connection and would reach the next statement otherwise.
 * A second process on the same directory is refused by the engine (code 76).
 */
export async function openEngine(dataDir: string): Promise<Engine> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const native = loadNative()
  const keeper = native.CreateConnection(dataDir) // while one is open the engine stays up
  const inFlight = new Set<Promise<unknown>>()

  function tracked<T>(work: Promise<T>): Promise<T> {
    inFlight.add(work)
    const done = () => inFlight.delete(work)
    work.then(done, done)
    return work
  }

  async function runOn(connection: Connection, { prelude, sql, format }: Statement): Promise<NativeResult> {
    if (prelude) await native.QueryAsyncConnection(connection, prelude, 'Null')
    return await native.QueryAsyncConnection(connection, sql, format)
  }

  async function runOnce(statement: Statement): Promise<NativeResult> {
    const connection = native.CreateConnection(dataDir)
    try {
      return await runOn(connection, statement)
    } finally {
      native.CloseConnection(connection) // its statement is over: closing under a running one would abort the engine
    }
  }

  async function* streamOn(connection: Connection, { prelude, sql, format }: Statement): AsyncGenerator<Buffer> {
    const { promise: over, resolve } = Promise.withResolvers<void>()
    tracked(over)
    try {
      if (prelude) await native.QueryAsyncConnection(connection, prelude, 'Null')
      const handle = native.StreamQuery(connection, sql, format)
      let open = true
      try {
        while (open) {
          const chunk = await native.StreamFetch(handle).catch((error: unknown) => {
            open = false
            throw error
          })
          if (chunk.done) open = false
          else yield chunk.bytes
        }
      } finally {
        if (open) native.StreamCancel(handle)
      }
    } finally {
      resolve()
    }
  }

  async function* stream(statement: Statement): AsyncGenerator<Buffer> {
    const connection = native.CreateConnection(dataDir)
    try {
      yield* streamOn(connection, statement)
    } finally {
      native.CloseConnection(connection)
    }
  }

  function keep(): Kept {
    const connection = native.CreateConnection(dataDir)
    let open = true
    /** What a failed statement had ready comes out as the next one's answer: a statement whose answer nobody reads takes it away. */
    async function cleaned<T>(work: Promise<T>): Promise<T> {
      try {
        return await work
      } catch (error) {
        await native.QueryAsyncConnection(connection, 'SELECT 1', 'Null')
        throw error
      }
    }
    return {
      run: (statement) => tracked(cleaned(runOn(connection, statement))),
      async *stream(statement) {
        const blocks = streamOn(connection, statement)
        try {
          for (;;) {
            const next = await cleaned(blocks.next())
            if (next.done) return
            yield next.value
          }
        } finally {
          await blocks.return(undefined)
        }
      },
      async close() {
        if (open) native.CloseConnection(connection)
        open = false
      },
    }
  }

  const run = (statement: Statement) => tracked(runOnce(statement))

  const first = await run({ prelude: '', sql: 'SELECT version()', format: 'TabSeparatedRaw' })
  let closed = false
  return {
    version: first.bytes.toString().trim(),
    run,
    stream,
    keep,
    async kill(tag) {
      // ASYNC, as KILL … SYNC of a running statement never comes back.
      const sql = `KILL QUERY WHERE Settings['log_comment'] = ${quote(tag)} ASYNC`
      await run({ prelude: '', sql, format: 'Null' })
    },
    async close() {
      if (closed) return
      closed = true
      while (inFlight.size > 0) await Promise.allSettled(inFlight)
      native.CloseConnection(keeper)
    },
  }
}
