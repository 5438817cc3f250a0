import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** One connection to the engine. Opaque; never used after it was closed, and by one statement at a time. */
export type Connection = { readonly connection: unique symbol }
export type StreamHandle = { readonly stream: unique symbol }

/** What a statement answered: the whole output, and the rows and bytes of the result (of an insert from a file: what it wrote), under the addon's names. */
export interface NativeResult {
  readonly bytes: Buffer
  readonly elapsed: number
  readonly rowsRead: number
  readonly bytesRead: number
}

export type NativeChunk = { readonly done: true } | { readonly done: false; readonly bytes: Buffer }

/** The engine's addon. Everything but connecting and closing runs on the libuv pool. */
export interface Native {
  CreateConnection(dataDir: string, args?: readonly string[]): Connection
  CloseConnection(connection: Connection): void
  QueryAsyncConnection(connection: Connection, sql: string, format: string): Promise<NativeResult>
  StreamQuery(connection: Connection, sql: string, format: string): StreamHandle
  StreamFetch(stream: StreamHandle): Promise<NativeChunk>
  StreamCancel(stream: StreamHandle): void
}

/**
 * Loads the addon below chdb's `Session` class. A `Session` that closes waits for every statement of the whole process, so one
 * report of a minute would keep each short query's connection open for that minute (0.2 MB apiece, measured); here a connection
 * is closed when its own statement is over. The package's version is pinned for this reason.
 */
export function loadNative(): Native {
  const require = createRequire(import.meta.url)
  const loader = join(dirname(require.resolve('chdb')), 'dist/loader.js')
  return (require(loader) as { loadNative(): Native }).loadNative()
}
