import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ClickHouseLogLevel, createClient } from '@clickhouse/client'
import { afterEach, beforeEach, expect, it, onTestFinished } from 'vitest'
import { startServerProcess } from './testing/process.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eshop-ch-crash-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function start() {
  const server = await startServerProcess(folder)
  // A test that ends early, by its time limit too, leaves no server behind on its folder.
  onTestFinished(server.kill)
  return server
}

it('keeps every acknowledged row, whole inserts only, over kill -9 in the midst of inserts', async () => {
  const ROWS = 500
  const acknowledged = new Set<number>()
  let batch = 0
  for (let round = 0; round < 4; round++) {
    const server = await start()
    const db = createClient({ url: server.url, log: { level: ClickHouseLogLevel.OFF } })
    await db.command({
      query: 'CREATE TABLE IF NOT EXISTS t (batch UInt32, row UInt32) ENGINE = MergeTree ORDER BY (batch, row)',
    })
    const enough = acknowledged.size + 6 + round
    let up = true
    const inserting = [0, 1].map(async () => {
      while (up) {
        const mine = batch++
        try {
          await db.insert({
            table: 't',
            values: Array.from({ length: ROWS }, (_, row) => ({ batch: mine, row })),
            format: 'JSONEachRow',
          })
          acknowledged.add(mine)
        } catch {
          return
        }
      }
    })
    await expect.poll(() => acknowledged.size, { interval: 5, timeout: 60_000 }).toBeGreaterThanOrEqual(enough)
    await server.kill()
    up = false
    await Promise.all(inserting)
    await db.close()
  }

  const server = await start()
  const db = createClient({ url: server.url })
  const answer = await db.query({
    query: 'SELECT batch, count() AS rows, uniqExact(row) AS different FROM t GROUP BY batch',
    format: 'JSONEachRow',
  })
  const stored = await answer.json<{ batch: number; rows: number; different: number }>()
  await db.close()
  await server.stop()

  expect(acknowledged.size).toBeGreaterThan(20)
  for (const { rows, different } of stored) expect([Number(rows), Number(different)]).toEqual([ROWS, ROWS])
  const found = new Set(stored.map((one) => Number(one.batch)))
  expect([...acknowledged].filter((one) => !found.has(one))).toEqual([])
  // What was sent but never acknowledged may be there, at most one insert per sender and crash.
  expect(found.size - acknowledged.size).toBeLessThanOrEqual(2 * 4)
}, 240_000)

it('finishes the insert in flight when it is asked to stop', async () => {
  const server = await start()
  const db = createClient({ url: server.url })
  await db.command({ query: 'CREATE TABLE s (n UInt64) ENGINE = MergeTree ORDER BY n' })
  const inserting = db.command({
    query:
      'INSERT INTO s SELECT number FROM numbers(1500000) WHERE NOT ignore(sipHash64(repeat(toString(number), 50)))',
  })
  await expect
    .poll(
      async () => {
        const answer = await db.query({
          query: "SELECT count() AS n FROM system.processes WHERE query LIKE 'INSERT INTO s%'",
          format: 'JSONEachRow',
        })
        return Number((await answer.json<{ n: string }>())[0]?.n)
      },
      { interval: 5 },
    )
    .toBe(1)
  await Promise.all([inserting, server.stop()])
  await db.close()

  const again = await start()
  const after = createClient({ url: again.url })
  const answer = await after.query({ query: 'SELECT count() AS n FROM s', format: 'JSONEachRow' })
  expect(await answer.json()).toEqual([{ n: expect.anything() }])
  await after.close()
  await again.stop()
}, 240_000)
