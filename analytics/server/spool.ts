import { createHash } from 'node:crypto'
import { createWriteStream, existsSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Closable } from '#pipelines/kernel/lifecycle.ts'
import { ServerError } from './errors.ts'

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
    const cap = new Transform({
      transform(chunk: Uint8Array, _encoding, done) {
        bytes += chunk.length
        if (bytes <= maxBytes) done(null, chunk)
        else
          done(
            new ServerError(
              307,
              'TOO_MANY_BYTES',
              `the body is larger than ${maxBytes} bytes: send it in several inserts`,
            ),
          )
      },
    })
    await pipeline(body, cap, createWriteStream(path, { mode: 0o600 }), { signal })
    return { path, bytes }
  }

  return {
    folder,
    write,
    remove: (path) => rm(path, { force: true }),
    close: () => rm(folder, { recursive: true, force: true }),
  }
}
