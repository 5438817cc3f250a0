import { constants, type PerformanceEntry, PerformanceObserver } from 'node:perf_hooks'
import { expect, it } from 'vitest'
import { received } from './received.ts'

const CHUNK_BYTES = 64 * 1024
const CHUNKS = 128

async function* body() {
  for (let n = 0; n < CHUNKS; n++) yield Buffer.alloc(CHUNK_BYTES, n)
}

it('hands every chunk on as it came, and has V8 look at young memory for every 2 MiB of it', async () => {
  const collections: PerformanceEntry[] = []
  const observer = new PerformanceObserver((list) => collections.push(...list.getEntries()))
  observer.observe({ entryTypes: ['gc'] })
  let n = 0
  for await (const chunk of received(body())) {
    expect(chunk).toHaveLength(CHUNK_BYTES)
    expect(chunk[0]).toBe(n++)
  }
  expect(n).toBe(CHUNKS)
  const isMinor = (entry: PerformanceEntry) =>
    (entry as { detail?: { kind?: number } }).detail?.kind === constants.NODE_PERFORMANCE_GC_MINOR
  await expect.poll(() => collections.filter(isMinor).length).toBeGreaterThanOrEqual(4)
  observer.disconnect()
  expect(globalThis.gc).toBeUndefined()
})
