import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { Database } from '#pipelines/kernel/database.ts'
import type { ExecutionChange } from '../executions/changes.ts'

const BUCKETS_S = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800, 7_200]
const ENDED = new Set(['SUCCEEDED', 'FAILED', 'CANCELLED', 'TIMED_OUT', 'LOST', 'SKIPPED'])

export interface TaskMetrics {
  /** Counts changes as they are published: each once, whichever process made them. */
  count(changes: readonly ExecutionChange[]): void
  fired(runs: number, missed: number): void
}

/**
 * What a long-running program says about short ones. Labels are names and statuses, never ids of executions: those would make a new
 * series with each run.
 */
export function taskMetrics(registry: Registry, database: Database): TaskMetrics {
  const registers = [registry]
  const ended = new Counter({
    name: 'task_executions_total',
    help: 'Ended executions',
    labelNames: ['task', 'status'],
    registers,
  })
  const seconds = new Histogram({
    name: 'task_execution_duration_seconds',
    help: 'From the start of an execution to its end',
    labelNames: ['task', 'status'],
    buckets: BUCKETS_S,
    registers,
  })
  const fired = new Counter({
    name: 'schedule_due_times_total',
    help: 'Due times by what became of them',
    labelNames: ['outcome'],
    registers,
  })
  const running = new Gauge({
    name: 'task_executions_open',
    help: 'Executions that are QUEUED or RUNNING',
    labelNames: ['task', 'status'],
    registers,
  })
  const oldest = new Gauge({
    name: 'task_oldest_queued_seconds',
    help: 'How long the oldest queued execution waits',
    registers,
  })
  const success = new Gauge({
    name: 'task_last_success_age_seconds',
    help: 'Since the last success of a task',
    labelNames: ['task'],
    registers,
  })
  const late = new Gauge({
    name: 'schedule_lateness_seconds',
    help: 'How long the most overdue schedule is due: more than a second or two means that no scheduler works',
    registers,
    async collect() {
      await read().catch(() => {}) // a scrape during an outage shows what was known last
    },
  })

  async function read(): Promise<void> {
    const [open, successes, [one]] = await Promise.all([
      database.query<{ task: string; status: string; count: number }>(
        `select task_name as task, status, count(*)::int as count from executions where status in ('QUEUED', 'RUNNING') group by 1, 2`,
      ),
      database.query<{ task: string; age: number }>(
        `select names.task_name as task, extract(epoch from tasks_now() - last.ended_at)::float8 as age
         from (select distinct task_name from schedules union select distinct task_name from executions where status = 'RUNNING') names
         cross join lateral (select ended_at from executions e where e.task_name = names.task_name and status = 'SUCCEEDED'
           order by requested_at desc, execution_id desc limit 1) last`,
      ),
      database.query<{ queued: number | null; late: number | null }>(
        `select (select extract(epoch from tasks_now() - min(not_before)) from executions where status = 'QUEUED')::float8 as queued,
           (select extract(epoch from tasks_now() - min(next_due_at)) from schedules where paused_at is null)::float8 as late`,
      ),
    ])
    running.reset()
    for (const { task, status, count } of open) running.set({ task, status }, count)
    for (const { task, age } of successes) success.set({ task }, age)
    oldest.set(Math.max(0, one?.queued ?? 0))
    late.set(Math.max(0, one?.late ?? 0))
  }

  return {
    count(changes) {
      for (const { taskName: task, status, startedAt, endedAt } of changes) {
        if (!ENDED.has(status)) continue
        ended.inc({ task, status })
        if (startedAt !== null && endedAt !== null) seconds.observe({ task, status }, (endedAt - startedAt) / 1000)
      }
    },
    fired(runs, missed) {
      fired.inc({ outcome: 'fired' }, runs)
      fired.inc({ outcome: 'missed' }, missed)
    },
  }
}
