/**
 * What does a run of a task cost, how soon does it run, what does a scheduler cost that has nothing to do, and how quickly is a list of executions
 * answered when there are many? A shop of its own, grace period 0, nobody shopping.
 *
 *     npm run bench:tasks -- [--runs 120] [--idle-seconds 30] [--executions 100000]
 *
 * 1. The schedule paused: CPU of the scheduler, without tasks.
 * 2. Runs of the grace-period task, asked for over REST twice a second: from the request to RUNNING, by the database's clock; CPU of
 *    their processes (as the kernel adds them up for the scheduler) and of the scheduler itself, and of PostgreSQL.
 * 3. With so many executions in the store: the time of GET /v1/executions, first pages, filters and pages far back.
 */
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import pg from 'pg'
import { pause } from '#pipelines/kernel/lifecycle.ts'
import { postgresUrl } from '#pipelines/local/parts/postgres.ts'
import { readSettings, urlOf } from '#pipelines/local/settings.ts'
import { type LocalShop, startLocalShop } from '../e2e/harness/local-shop.ts'
import { spread } from '../e2e/percentiles.ts'
import { openShop, type Shop } from '../e2e/rest/shop.ts'
import { tableOf } from '../e2e/table.ts'
import { cpuSeconds, overFamily } from './cpu.ts'
import { machineText } from './machine.ts'

const GOAL = { startP99Ms: 700, idleShare: 0.01, listP99Ms: 50 }
const TICKS_PER_S = 100
const BETWEEN_RUNS_MS = 500

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '120' },
    'idle-seconds': { type: 'string', default: '30' },
    executions: { type: 'string', default: '100000' },
  },
})

/** CPU seconds of a process itself, and of its children that have ended. */
function ownAndChildren(pid: number): readonly [own: number, children: number] {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  const sum = (...at: number[]) => at.reduce((total, field) => total + Number(fields[field] ?? 0), 0) / TICKS_PER_S
  return [sum(11, 12), sum(13, 14)]
}

async function main(local: LocalShop): Promise<boolean> {
  await using shop = openShop(local.endpoints)
  const settings = readSettings({ ...process.env, ...local.env })
  const tasks = urlOf(settings, 'tasks')
  const pid = (name: string) => local.parts().find((part) => part.name === name)?.pid ?? 0
  const operator = <T>(method: 'GET' | 'POST', path: string, body?: object) =>
    shop.as<T>('bench', 'operator', { method, url: `${tasks}${path}`, ...(body && { body }) })
  const database = new pg.Client({ connectionString: postgresUrl(settings.ports.postgres, 'tasks') })
  await database.connect()
  console.log(machineText())
  await operator('POST', '/v1/schedules/grace-period/pause')
  await pause(10_000)

  const idle = await idleShare(pid('tasks'), Number(values['idle-seconds']))
  console.log(`idle scheduler: ${(idle * 100).toFixed(2)} % of a core (goal below ${GOAL.idleShare * 100} %)`)

  const startP99 = await runs(operator, database, pid)
  const listP99 = await lists(shop, tasks, database)
  await database.end()
  return idle < GOAL.idleShare && startP99 < GOAL.startP99Ms && listP99 < GOAL.listP99Ms
}

async function idleShare(pid: number, seconds: number): Promise<number> {
  const [before] = ownAndChildren(pid)
  await pause(seconds * 1000)
  return (ownAndChildren(pid)[0] - before) / seconds
}

type Operator = <T>(method: 'GET' | 'POST', path: string, body?: object) => Promise<{ readonly body: T }>

async function runs(operator: Operator, database: pg.Client, pid: (name: string) => number): Promise<number> {
  const count = Number(values.runs)
  const [ownBefore, childrenBefore] = ownAndChildren(pid('tasks'))
  const postgresBefore = overFamily(pid('postgres'), cpuSeconds)
  const ids: string[] = []
  for (let run = 0; run < count; run++) {
    const { body } = await operator<{ executionId: string }>('POST', '/v1/tasks/grace-period/executions', {})
    ids.push(body.executionId)
    await pause(BETWEEN_RUNS_MS)
  }
  await pause(2_000)
  const [own, children] = ownAndChildren(pid('tasks'))
  const postgres = overFamily(pid('postgres'), cpuSeconds)
  const { rows } = await database.query<{ start: number; run: number; status: string }>(
    `select (extract(epoch from started_at - requested_at) * 1000)::float8 as start,
       (extract(epoch from ended_at - started_at) * 1000)::float8 as run, status from executions where execution_id = any($1)`,
    [ids],
  )
  const start = spread(rows.map((row) => row.start))
  const run = spread(rows.map((row) => row.run))
  const text = (value: number | undefined) => `${(value ?? Number.NaN).toFixed(0)} ms`
  const perRun = (seconds: number) => `${((seconds / count) * 1000).toFixed(1)} ms`
  console.log(
    `${rows.filter(({ status }) => status === 'SUCCEEDED').length} of ${count} runs SUCCEEDED, one each ${BETWEEN_RUNS_MS} ms`,
  )
  console.log(
    tableOf(
      ['a run', 'p50', 'p99', 'max'],
      [
        [
          `from request to RUNNING (goal p99 below ${GOAL.startP99Ms} ms)`,
          text(start.p50),
          text(start.p99),
          text(start.max),
        ],
        ['from RUNNING to its end', text(run.p50), text(run.p99), text(run.max)],
      ],
    ),
  )
  console.log(
    tableOf(
      ['CPU per run', ''],
      [
        ['its process', perRun(children - childrenBefore)],
        ['the scheduler', perRun(own - ownBefore)],
        ['PostgreSQL, all databases', perRun(postgres - postgresBefore)],
      ],
    ),
  )
  return start.p99 ?? Number.POSITIVE_INFINITY
}

async function lists(shop: Shop, tasks: string, database: pg.Client): Promise<number> {
  const count = Number(values.executions)
  // Without the trigger: this is history, not news.
  await database.query('set session_replication_role = replica')
  await database.query(
    `insert into executions (execution_id, run_id, task_name, status, trigger, arguments, result, error, requested_at, started_at, ended_at, exit_code)
     select id, id, 'grace-period', case when n % 50 = 0 then 'FAILED' else 'SUCCEEDED' end, 'SCHEDULE', '{}', '{"confirmed": 3}',
       case when n % 50 = 0 then repeat('at somewhere ', 100) end, at, at, at + interval '80 ms', 0
     from (select n, gen_random_uuid() as id, clock_timestamp() - n * interval '1 second' as at from generate_series(1, $1::int) n) rows`,
    [count],
  )
  await database.query('analyze executions')
  const token = await shop.tokens('bench', 'operator')
  const far = Buffer.from(
    JSON.stringify({
      requestedAt: new Date(Date.now() - count * 900).toISOString(),
      executionId: 'ffffffff-ffff-ffff-ffff-ffffffffffff',
    }),
  ).toString('base64url')
  const queries = {
    'first page of 100': 'limit=100',
    'of a task, FAILED': 'task=grace-period&status=FAILED&limit=100',
    'since an hour ago': `since=${new Date(Date.now() - 3_600_000).toISOString()}&limit=100`,
    'far back': `limit=100&cursor=${far}`,
    'FAILED, far back': `status=FAILED&limit=100&cursor=${far}`,
  }
  let worst = 0
  const rows = []
  for (const [name, query] of Object.entries(queries)) {
    const times: number[] = []
    for (let call = 0; call < 100; call++) {
      const began = performance.now()
      const answer = await fetch(`${tasks}/v1/executions?${query}`, { headers: { authorization: `Bearer ${token}` } })
      const { items } = (await answer.json()) as { items: readonly unknown[] }
      if (items.length === 0) throw new TypeError(`${name}: an empty page measures nothing`)
      if (call >= 10) times.push(performance.now() - began)
    }
    const { p50, p99, max } = spread(times)
    worst = Math.max(worst, p99 ?? Number.POSITIVE_INFINITY)
    rows.push([name, ...[p50, p99, max].map((value) => `${(value ?? Number.NaN).toFixed(1)} ms`)])
  }
  console.log(tableOf([`list of ${count} executions (goal p99 below ${GOAL.listP99Ms} ms)`, 'p50', 'p99', 'max'], rows))
  return worst
}

const local = await startLocalShop({ env: { GRACE_PERIOD_MS: '0', REQUESTS_PER_MINUTE: '0' } })
try {
  if (!(await main(local))) process.exitCode = 1
} finally {
  await local.close()
}
