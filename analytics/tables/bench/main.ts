/**
 * `npm run bench:tables`: what does a question to the published views read, and does that grow with the history behind it? The same questions to two
 * histories, the second four times as long at the same rate, each beside the same question to the tables as they were before: orders by `order_id`, events
 * without indexes. Prints rows read (thousands) and milliseconds (median of 7).
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ClickHouseClient, ClickHouseLogLevel, createClient } from '@clickhouse/client'
import { startServerProcess } from '../../server/testing/process.ts'
import { type Databases, databasesOf, migrate } from '../migrate.ts'
import { writeHistory } from './history.ts'
import { questionsOf } from './questions.ts'

const ORDERS = Number(process.env.BENCH_ORDERS ?? 250_000)
const DAYS = Number(process.env.BENCH_DAYS ?? 30)
const TIMES = 4
const RUNS = 7

interface Reading {
  readonly rows: number
  readonly ms: number
}

async function measure(db: ClickHouseClient, query: string): Promise<Reading> {
  const readings: Reading[] = []
  for (let run = 0; run < RUNS; run++) {
    const answer = await db.query({ query, format: 'JSON', clickhouse_settings: { max_threads: 2 } })
    const { statistics } = await answer.json()
    readings.push({ rows: Number(statistics?.rows_read), ms: (statistics?.elapsed ?? 0) * 1000 })
  }
  return readings.toSorted((a, b) => a.ms - b.ms)[RUNS >> 1] as Reading
}

async function history(db: ClickHouseClient, databases: Databases, times: number) {
  const { store } = databases
  await migrate(db, databases)
  const began = performance.now()
  await writeHistory(db, databases, { orders: ORDERS * times, days: DAYS * times })
  const [{ parts = '' } = {}] = await (
    await db.query({
      query: `SELECT arrayStringConcat(groupArray(concat(table, ' ', formatReadableQuantity(rows), ' rows ', formatReadableSize(bytes), ' in ', toString(n), ' parts')), ', ') AS parts
        FROM (SELECT table, sum(p.rows) AS rows, sum(bytes_on_disk) AS bytes, count() AS n FROM system.parts AS p WHERE active AND database = '${store}' AND table IN ('events', 'orders', 'orders_before') GROUP BY table ORDER BY table)`,
      format: 'JSONEachRow',
    })
  ).json<{ parts: string }>()
  process.stdout.write(
    `${databases.published}: ${DAYS * times} days, written in ${Math.round((performance.now() - began) / 1000)} s: ${parts}\n`,
  )
}

const folder = await mkdtemp(join(tmpdir(), 'eshop-bench-tables-'))
const server = await startServerProcess(folder)
const db = createClient({ url: server.url, request_timeout: 600_000, log: { level: ClickHouseLogLevel.OFF } })
try {
  process.stdout.write(
    `${availableParallelism()} processors, 2 threads a question; thousands of rows read, median ms of ${RUNS}\n`,
  )
  const both = [databasesOf('shop_1'), databasesOf(`shop_${TIMES}`)]
  for (const [n, databases] of both.entries()) await history(db, databases, n === 0 ? 1 : TIMES)
  process.stdout.write(
    `| question | before, 1x | before, ${TIMES}x | now, 1x | now, ${TIMES}x |\n| --- | --- | --- | --- | --- |\n`,
  )
  const asked = await Promise.all(both.map((databases) => questionsOf(db, databases)))
  for (const [n, { name }] of (asked[0] ?? []).entries()) {
    const cells: string[] = []
    for (const side of ['before', 'now'] as const)
      for (const questions of asked) {
        const { rows, ms } = await measure(db, questions[n]?.[side] ?? '')
        cells.push(`${(rows / 1000).toFixed(rows < 100_000 ? 1 : 0)}k ${ms.toFixed(0)} ms`)
      }
    process.stdout.write(`| ${name} | ${cells.join(' | ')} |\n`)
  }
} finally {
  await db.close()
  await server.stop()
  await rm(folder, { recursive: true, force: true })
}
