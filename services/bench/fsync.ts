import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'

/** How long this disk takes to make 8 KiB durable, `times` times in a row. Milliseconds each. */
export async function fsyncTimes(folder: string, times = 300): Promise<number[]> {
  const path = join(folder, `fsync-${process.pid}`)
  const file = await open(path, 'w')
  const page = Buffer.alloc(8192, 1)
  const taken: number[] = []
  for (let number = 0; number < times; number++) {
    const startedAt = performance.now()
    await file.write(page, 0, page.length, 0)
    await file.datasync()
    taken.push(performance.now() - startedAt)
  }
  await file.close()
  await rm(path)
  return taken
}
