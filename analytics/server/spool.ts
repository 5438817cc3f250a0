import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Closable } from '#pipelines/kernel/lifecycle.ts'
import { ServerError } from './errors.ts'
import { received } from './received.ts'

/** A chunk is what one read of the socket gave: each written by itself would be a turn of the thread pool for each. */
const PIECE_BYTES = 512 * 1024

/** Where the rows of an insert wait for the engine: in memory where there is tmpfs. */
export interface Spool extends Closable {
  readonly folder: string
  /** Writes all of it to a file and returns the path and size. The caller removes it. */
  write(id: string, body: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<{ path: string; bytes: number }>
  remove(path: string): Promise<void>
}

/** The folder is named by the data directory, so whoever takes over after a crash empties it. */
export async function createSpool(dataDir: string, maxBytes: number): Promise<Spool> {
  const owner = createHash('sha256').update(resolve(dataDir)).digest('hex').slice(0, 16)
  const folder = join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), `eshop-clickhouse-${owner}`)
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true, mode: 0o700 })

  async function write(id: string, body: AsyncIterable<Uint8Array>, signal: AbortSignal) {
    const path = join(folder, id)
    let bytes = 0
    async function* counted() {
      for await (const piece of piecesOf(received(body))) {
        bytes += piece.length
        if (bytes > maxBytes)
          throw new ServerError(
            307,
            'TOO_MANY_BYTES',
            `the body is larger than ${maxBytes} bytes: send it in several inserts`,
          )
        yield piece
      }
    }
    await writeFile(path, counted(), { mode: 0o600, signal })
    return { path, bytes }
  }

  return {
    folder,
    write,
    remove: (path) => rm(path, { force: true }),
    close: () => rm(folder, { recursive: true, force: true }),
  }
}

/** The bytes in pieces of one size but for the last. A piece is good until the next is asked for. */
async function* piecesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const piece = Buffer.allocUnsafe(PIECE_BYTES)
  let filled = 0
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; ) {
      const part = Math.min(chunk.length - at, PIECE_BYTES - filled)
      piece.set(chunk.subarray(at, at + part), filled)
      at += part
      filled += part
      if (filled < PIECE_BYTES) continue
      yield piece
      filled = 0
    }
  }
  if (filled > 0) yield piece.subarray(0, filled)
}
