import { execFileSync } from 'node:child_process'
import { mkdir, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Closable, pause } from '#pipelines/kernel/lifecycle.ts'

/** Stores that can have a disk of their own, and its size in megabytes: small, and large enough for a minute of customers. */
const SIZES = { postgres: 512, kafka: 64, clickhouse: 256 } as const
export type StoreName = keyof typeof SIZES

/** Whether this machine lets us mount file systems: Linux, and root. */
export function canMount(): boolean {
  return process.platform === 'linux' && process.getuid?.() === 0
}

/** Gives each store of the shop that will start in `home` a file system of its own in memory, which can be filled. */
export async function smallDisks(home: string): Promise<Closable> {
  const mounted: string[] = []
  for (const [name, megabytes] of Object.entries(SIZES)) {
    const directory = diskOf(home, name as StoreName)
    await mkdir(directory, { recursive: true })
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'eshop-small', directory])
    mounted.push(directory)
  }
  return {
    async close() {
      for (const directory of mounted) execFileSync('umount', ['--lazy', directory])
    },
  }
}

const diskOf = (home: string, name: StoreName) => join(home, 'data', name)
const FILLER = 'filler'
const PIECE = Buffer.alloc(1_048_576)
const SMALL_PIECE = Buffer.alloc(4_096)
const AGAIN_MS = 100

/** Takes every byte that is left, and what becomes free meanwhile, until the end of the scope. */
export async function fullDisk(home: string, name: StoreName): Promise<AsyncDisposable> {
  const path = join(diskOf(home, name), FILLER)
  const over = new AbortController()
  const file = await open(path, 'w')
  const fill = async () => {
    for (const piece of [PIECE, SMALL_PIECE]) while (await took(file.write(piece)));
  }
  await fill()
  const filling = (async () => {
    while (!over.signal.aborted) {
      await fill()
      await pause(AGAIN_MS, over.signal)
    }
  })()
  return {
    async [Symbol.asyncDispose]() {
      over.abort()
      await filling
      await file.close()
      await rm(path)
    },
  }
}

async function took(writing: Promise<{ readonly bytesWritten: number }>): Promise<boolean> {
  try {
    return (await writing).bytesWritten > 0
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return false
    throw error
  }
}
