/**
 * `npm run bench:sql`: does a long question hold up others? Small questions of one analyst and inserts of the ingest, alone and then beside long questions of
 * another analyst, in one run on one server. Prints milliseconds, p50 and p99, and the ratio.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { startServerProcess } from './testing/process.ts'

const SECONDS = Number(process.env.BENCH_SECONDS ?? 12)
const LONG = 'SELECT max(cityHash64(repeat(toString(number), 200))) FROM numbers(1000000000)'
const SMALL = 'SELECT status, count(), sum(total) FROM shop.orders GROUP BY status'

const folder = await mkdtemp(join(tmpdir(), 'eshop-bench-sql-'))
const server = await startServerProcess(folder)

async function send(user: string, sql: string, asker = '', signal?: AbortSignal): Promise<void> {
  const answer = await fetch(`${server.url}/?quota_key=${asker}`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${user}:`)}` },
    body: sql,
    ...(signal && { signal }),
  })
  const text = await answer.text()
  if (!answer.ok) throw new Error(text) // nothing that a bench could go on with
}

const ROWS = Array.from({ length: 1000 }, (_, n) => `${n}\tPaid\t${n}`).join('\n')

/** One after the other for so long, with a pause between as people and flushes have. */
async function repeated(work: () => Promise<void>): Promise<readonly number[]> {
  const took: number[] = []
  const end = performance.now() + SECONDS * 1000
  while (performance.now() < end) {
    const start = performance.now()
    await work()
    took.push(performance.now() - start)
    await new Promise((next) => setTimeout(next, 20))
  }
  return took.toSorted((a, b) => a - b)
}

const at = (sorted: readonly number[], share: number) => sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN

async function measured(longs: number) {
  const leave = new AbortController()
  const running = Array.from({ length: longs }, () => send('analyst', LONG, 'other', leave.signal).catch(() => {}))
  await new Promise((next) => setTimeout(next, 500))
  const [small, insert] = await Promise.all([
    repeated(() => send('analyst', SMALL, 'me')),
    repeated(() => send('ingest', `INSERT INTO shop.orders FORMAT TSV\n${ROWS}`)),
  ])
  leave.abort()
  await Promise.all(running)
  return { small, insert }
}

try {
  for (const sql of [
    'CREATE DATABASE shop',
    'CREATE TABLE shop.orders (id UInt64, status LowCardinality(String), total Int64) ENGINE = MergeTree ORDER BY id',
    "INSERT INTO shop.orders SELECT number, ['Paid', 'Shipped', 'Cancelled'][number % 3 + 1], number FROM numbers(1000000)",
  ])
    await send('default', sql)
  process.stdout.write(
    `${availableParallelism()} processors; 1,000,000 rows; small: GROUP BY over all of them; inserts: 1,000 rows; ${SECONDS} s each; long questions: 2 threads each\n`,
  )
  await measured(0) // warm
  const alone = await measured(0)
  for (const longs of [1, 4]) {
    const beside = await measured(longs)
    for (const name of ['small', 'insert'] as const) {
      const [before, after] = [alone[name], beside[name]]
      const ms = (list: readonly number[], share: number) => at(list, share).toFixed(1)
      process.stdout.write(
        `${name.padEnd(6)} alone p50 ${ms(before, 0.5)} p99 ${ms(before, 0.99)} ms (${before.length}); beside ${longs} long p50 ${ms(after, 0.5)} p99 ${ms(after, 0.99)} ms (${after.length}); p50 x${(at(after, 0.5) / at(before, 0.5)).toFixed(1)}, p99 x${(at(after, 0.99) / at(before, 0.99)).toFixed(1)}\n`,
      )
    }
  }
} finally {
  await server.stop()
  await rm(folder, { recursive: true, force: true })
}
