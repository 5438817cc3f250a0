import { CodedError } from '#pipelines/kernel/errors.ts'
import { pause } from '#pipelines/kernel/lifecycle.ts'
import type { TestDatabase } from '#pipelines/testing/database.ts'
import { startProcess, type TestProcess } from '#pipelines/testing/process.ts'
import { setSchedule } from '../schedules/change.ts'
import { testClock } from './clock.ts'

export interface ManyDueTimes {
  readonly dueTimes: number
  readonly schedules: number
  /** Their interval. */
  readonly everyMs: number
  readonly schedulers: number
  readonly workers: number
  /** How fast the database's clock runs. */
  readonly speed: number
  /** A random one of the processes is killed each so many milliseconds, and started anew. */
  readonly killEveryMs: number
  /** The database's clock jumps by so many milliseconds when so many due times have fired. */
  readonly jumps: readonly { readonly at: number; readonly byMs: number }[]
  readonly seed: number
  readonly withinMs: number
}

export interface Outcome {
  readonly fired: number
  readonly kills: number
  /** Executions of due times by how they ended. */
  readonly statuses: Readonly<Record<string, number>>
  /** Due times without an execution, within the time from the first to the last. */
  readonly lost: number
  /** Due times with more than one first attempt. */
  readonly twice: number
  /**
   * Executions that were put on record, or began, before they were due by the database's clock. One that was claimed when it was due and began
   * when the clock had been set back is none of them.
   */
  readonly early: number
  /** Runs whose work was done by more than one attempt that SUCCEEDED. */
  readonly succeededTwice: number
}

const HEARTBEAT_MS = 1_500

/** Fires many due times of interval schedules by several schedulers and workers, kills them at random, lets the clock jump, and counts. */
export async function manyDueTimes(db: TestDatabase, plan: ManyDueTimes): Promise<Outcome> {
  const random = generator(plan.seed)
  await db.query('create table ticks (execution_id uuid not null, at timestamptz not null default clock_timestamp())')
  const clock = await testClock(db, plan.speed)
  const policies = { overlap: 'ALLOW', catchUp: 'ALL', catchUpWindowMs: 300 * 24 * 3_600_000 } as const
  const processes: { kind: string; child: TestProcess }[] = []
  const start = (kind: string) => {
    // Their own clocks are wrong by up to an hour and a half, each by another: only the database's counts.
    const env = { WRONG_BY_MS: String(Math.round((random() - 0.5) * 3 * 3_600_000)) }
    return {
      kind,
      child: startProcess(['pipelines/tasks/testing/firing.ts', kind, db.url, String(HEARTBEAT_MS)], { env }),
    }
  }
  for (let number = 0; number < plan.schedulers; number++) processes.push(start('scheduler'))
  for (let number = 0; number < plan.workers; number++) processes.push(start('worker'))
  for (let number = 0; number < plan.schedules; number++)
    await setSchedule(
      db,
      { name: `tick-${number}`, taskName: 'tick', everyMs: plan.everyMs, ...policies },
      { actor: 'test' },
    )
  const jumps = [...plan.jumps]
  let kills = 0
  let nextKill = performance.now() + plan.killEveryMs
  try {
    const until = performance.now() + plan.withinMs
    for (;;) {
      const [counted] = await db.query<{ fired: number; open: number }>(
        `select count(*) filter (where attempt = 1)::int as fired, count(*) filter (where status in ('QUEUED', 'RUNNING'))::int as open from executions`,
      )
      const { fired = 0, open = 0 } = counted ?? {}
      if (jumps[0] && fired >= jumps[0].at) await clock.jump(jumps.shift()?.byMs ?? 0)
      if (fired >= plan.dueTimes) await db.query('update schedules set paused_at = coalesce(paused_at, tasks_now())')
      if (fired >= plan.dueTimes && open === 0) break
      if (performance.now() > until)
        throw new CodedError(
          'TOO_SLOW',
          `${fired} fired and ${open} open after ${plan.withinMs} ms (seed ${plan.seed})`,
        )
      if (performance.now() > nextKill && fired < plan.dueTimes) {
        const victim = Math.floor(random() * processes.length)
        const { kind, child } = processes[victim] as (typeof processes)[number]
        child.signal('SIGKILL')
        await child.exited
        processes[victim] = start(kind)
        kills += 1
        nextKill = performance.now() + plan.killEveryMs
      }
      await pause(50)
    }
  } finally {
    for (const { child } of processes) child.signal('SIGKILL')
    await Promise.all(processes.map(({ child }) => child.exited))
  }
  return { kills, ...(await count(db, plan.everyMs)) }
}

async function count(db: TestDatabase, everyMs: number): Promise<Omit<Outcome, 'kills'>> {
  const [row] = await db.query<Omit<Outcome, 'kills' | 'statuses'>>(
    `with firsts as (select * from executions where attempt = 1),
     spans as (select schedule_name, min(due_at) as first, max(due_at) as last, count(*) as fired, count(distinct due_at) as different
       from firsts group by schedule_name)
     select (select count(*)::int from firsts) as fired,
       (select sum(extract(epoch from last - first) * 1000 / $1 + 1 - different)::int from spans) as lost,
       (select sum(fired - different)::int from spans) as twice,
       (select count(*)::int from executions where requested_at < due_at or greatest(claimed_at, started_at) < due_at) as early,
       (select count(*)::int from (select run_id from executions where status = 'SUCCEEDED' group by run_id having count(*) > 1) doubled) as "succeededTwice"`,
    [everyMs],
  )
  const statuses = await db.query<{ status: string; count: number }>(
    `select last.status, count(*)::int from (select distinct on (run_id) status from executions order by run_id, attempt desc) last group by 1`,
  )
  return {
    ...(row ?? { fired: 0, lost: -1, twice: -1, early: -1, succeededTwice: -1 }),
    statuses: Object.fromEntries(statuses.map(({ status, count: number }) => [status, number])),
  }
}

/** Numbers from 0 to 1, the same for a seed (mulberry32). */
function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
