import type { Database } from '#pipelines/kernel/database.ts'
import { markSilent } from '../executions/store.ts'

interface Seen {
  readonly heartbeatAt: string
  /** When it was seen first, by a clock that never jumps. */
  readonly sinceMs: number
}

interface Running {
  readonly id: string
  readonly heartbeatAt: string
  readonly heartbeatMs: number
  readonly ageMs: number
}

/**
 * Finds runs whose heartbeat has not changed for two heartbeats, and marks them LOST with their next attempts. It measures by watching:
 * of the database's clock it takes only the order of things, so that a clock that jumps an hour makes no run LOST, nor keeps one.
 */
export function createWatch(database: Database, now: () => number = () => performance.now()) {
  let seen = new Map<string, Seen>()
  let lookedAtMs: number | undefined

  return {
    /** One look. Answers those that it marked LOST, and how many run. */
    async look(): Promise<{ readonly lost: readonly string[]; readonly running: number }> {
      const atMs = now()
      const rows = await database.query<Running & Record<string, unknown>>(
        `select execution_id as id, heartbeat_at::text as "heartbeatAt", heartbeat_ms as "heartbeatMs",
           (extract(epoch from tasks_now() - heartbeat_at) * 1000)::float8 as "ageMs"
         from executions where status = 'RUNNING'`,
      )
      const next = new Map<string, Seen>()
      const silent: Running[] = []
      for (const row of rows) {
        const before = seen.get(row.id)
        // A heartbeat that is new has come since the last look; how long before now the clock may say, within that.
        const since =
          before?.heartbeatAt === row.heartbeatAt ? before.sinceMs : atMs - within(row.ageMs, lookedAtMs, atMs)
        next.set(row.id, { heartbeatAt: row.heartbeatAt, sinceMs: since })
        if (atMs - since >= 2 * row.heartbeatMs) silent.push(row)
      }
      seen = next
      lookedAtMs = atMs
      const lost: string[] = []
      for (const { id, heartbeatAt } of silent) if (await markSilent(database, id, heartbeatAt)) lost.push(id)
      return { lost, running: rows.length - lost.length }
    },
  }
}

function within(ageMs: number, lookedAtMs: number | undefined, atMs: number): number {
  return lookedAtMs === undefined ? 0 : Math.min(Math.max(0, ageMs), atMs - lookedAtMs)
}
